import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { addConnectionOptions, newCommand, outOption, type Run } from './command.js';
import { parsePositiveDuration } from './duration.js';
import { parseInteger } from './numbers.js';
import type { RestoreOptions } from './restore-options.js';
import { addS3Options } from './s3-options.js';
import { addWindowOptions } from './window-options.js';

/** `restore`: puts archived items back into a table. */
export function restoreCommand(run: Run): Command {
  const command = newCommand('restore', {
    summary: 'put archived items back into a table',
    details:
      'Never replaces an item that is in the table, unless --overwrite is given. Exits with 9 when items could not be restored, ' +
      'and lists them in a file that can be passed to restore again.',
    examples: `
      ttl-archive restore --table Orders --out archive --dry-run
      ttl-archive restore --table Orders --out archive --key c1 --ttl 30d
      ttl-archive restore --table Copy --since 2d --rate 100
      ttl-archive find --since 1d --json | jq 'select(.provenance == "ttl")' | ttl-archive restore --from-list -
      zcat export.json.gz | ttl-archive restore --table Orders -`,
  })
    .addArgument(
      new Argument(
        '[files...]',
        'files or quoted globs to restore, or "-" for items on stdin (default: the whole archive)',
      ),
    )
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'))
    .option('--key <key>', 'only this key: DynamoDB JSON, or the bare value for a table with one key attribute')
    .addOption(
      new Option('--from-list <file>', 'only the items in a list that find --json printed ("-" for stdin)').conflicts([
        'key',
        'since',
        'until',
      ]),
    );
  addWindowOptions(command, 'items deleted')
    .option('--all-versions', 'restore every version of a key in order, not only the newest')
    .option('--overwrite', 'replace items that are in the table')
    .option('--ttl <what>', 'TTL attribute of restored items: drop, keep, or a duration from now', parseTtl, 'drop')
    .option('--dry-run', 'check the items and the table without putting anything')
    .option('--strict', 'refuse files that the journal does not list, and a damaged journal')
    .option(
      '--failures <file>',
      "where to list items that fail (default: the archive's .ttl-archive folder, or the current folder if there is no archive)",
    )
    .option('--rate <n>', 'maximum puts per second (default: as fast as the table takes them)', parseInteger(1))
    .option('--concurrency <n>', 'maximum puts in flight', parseInteger(1, 1000), 16)
    .option('--json', 'print one JSON object');
  addConnectionOptions(command);
  addS3Options(command);
  const table = command.options.find(({ long }) => long === '--table');
  if (table !== undefined)
    table.description =
      'name or ARN of the table (default: the archived table); where --out holds the archives of several tables, also the one to restore';
  return command.action(async (files: readonly string[], options: Omit<RestoreOptions, 'files'>) => {
    await run(async () => (await import('./restore.js')).runRestore)({ ...options, files });
  });
}

function parseTtl(text: string): 'drop' | 'keep' | number {
  if (text === 'drop' || text === 'keep') return text;
  try {
    return parsePositiveDuration(text);
  } catch {
    throw new InvalidArgumentError('Give drop, keep, or a duration from now like 12h or 30d.');
  }
}
