import { type NextCommand, TtlArchiveError } from '../errors.js';
import type { RestoreOptions } from './restore-options.js';

interface Failed {
  readonly options: RestoreOptions;
  /** The table that was restored into: its name or ARN. */
  readonly table: string;
  /** Undefined: the items came from elsewhere. */
  readonly archive: object | undefined;
  /** How many items, in words. */
  readonly failed: string;
  /** The file that lists them. */
  readonly list: string;
}

/** The error of a `restore` in which items failed, with the command to run next. */
export function notRestored({ options, table, archive, failed, list }: Failed): TtlArchiveError {
  const message = `${failed} could not be restored.`;
  if (options.dryRun !== true) {
    const commands = [again(options, { table, list, hasArchive: archive !== undefined })];
    return new TtlArchiveError('NOT_RESTORED', message, { remedy: 'Fix the cause, then run:', commands });
  }
  if (archive === undefined) {
    return new TtlArchiveError('NOT_RESTORED', message, { remedy: 'The warnings above say why.' });
  }
  const commands: NextCommand[] = [{ program: 'ttl-archive', args: ['verify', '--out', options.out] }];
  return new TtlArchiveError('NOT_RESTORED', message, { remedy: 'See what is wrong with the archive:', commands });
}

/** Restores the listed items as this run would have: into the same table, by the same rules. */
function again(
  { out, ttl, overwrite, allVersions, rate }: RestoreOptions,
  { table, list, hasArchive }: { table: string; list: string; hasArchive: boolean },
): NextCommand {
  const args = [
    'restore',
    list,
    '--table',
    table,
    ...(hasArchive ? ['--out', out] : []),
    ...(ttl === 'drop' ? [] : ['--ttl', typeof ttl === 'number' ? `${ttl / 1000}s` : ttl]),
    ...(overwrite === true ? ['--overwrite'] : []),
    ...(allVersions === true ? ['--all-versions'] : []),
    ...(rate === undefined ? [] : ['--rate', String(rate)]),
  ];
  return { program: 'ttl-archive', args };
}
