import { type NextCommand, TtlArchiveError } from '../errors.js';
import { verifyNext } from './next-commands.js';
import type { RestoreOptions } from './restore-options.js';

interface Failed {
  readonly options: RestoreOptions;
  /** Name or ARN of the target table. */
  readonly table: string;
  /** Undefined when the items came from other files or stdin. */
  readonly archive: object | undefined;
  /** How many items, in words. */
  readonly failed: string;
  /** The file that lists them. */
  readonly list: string;
}

/** The error of a `restore` with failed items, and the command to run next. */
export function notRestored({ options, table, archive, failed, list }: Failed): TtlArchiveError {
  const next =
    options.dryRun !== true
      ? {
          remedy: 'Fix the cause, then run:',
          commands: [retry(options, { table, list, hasArchive: archive !== undefined })],
        }
      : archive === undefined
        ? { remedy: 'The warnings above say why.' }
        : { remedy: 'See what is wrong with the archive:', commands: [verifyNext(options.out)] };
  return new TtlArchiveError('NOT_RESTORED', `${failed} could not be restored.`, next);
}

/** Restores the listed items into the same table, with the same options. */
function retry(
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
