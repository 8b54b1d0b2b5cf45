import { Argument, type Command, InvalidArgumentError } from 'commander';
import { addConnectionOptions, newCommand, outOption, type Run } from './command.js';
import { parseDuration, parsePositiveDuration } from './duration.js';
import { parseInteger } from './numbers.js';
import type { RestoreOptions } from './restore.js';

/** `restore`: archived items back into a table. */
export function restoreCommand(run: Run): Command {
  const command = newCommand('restore', {
    summary:
      'put archived items back into a table; an item that is alive is never replaced unless --overwrite says so; ' +
      'exit status 9 when items failed: they are listed in a file that restore takes again',
    example: `
      ttl-archive restore --table Orders --out archive --dry-run
      ttl-archive restore --table Orders --out archive --key c1 --ttl 30d
      ttl-archive restore --table Copy --since 2d --rate 100
      zcat export.json.gz | ttl-archive restore --table Orders -`,
  })
    .addArgument(
      new Argument(
        '[files...]',
        'only these archived items: files or quoted globs, or "-" for one item a line on stdin (default: all)',
      ),
    )
    .addOption(outOption())
    .option('--key <key>', 'only this key: DynamoDB JSON, or the bare value for a table with one key attribute')
    .option('--since <time>', 'only items deleted since then: an ISO 8601 time, or a duration ago', parseMoment)
    .option('--until <time>', 'only items deleted until then', parseMoment)
    .option('--all-versions', 'every version of a key, in order, not only the newest of those selected')
    .option('--overwrite', 'replace items that are in the table')
    .option(
      '--ttl <what>',
      'the TTL attribute of a restored item: drop, keep, or a duration from now (it expires then)',
      parseTtl,
      'drop',
    )
    .option('--dry-run', 'read and check the items and the table, put nothing')
    .option('--rate <n>', 'most items put in a second (default: as fast as the table takes them)', parseInteger(1))
    .option('--concurrency <n>', 'items put at the same time', parseInteger(1, 1000), 16)
    .option('--json', 'stdout carries one JSON object');
  addConnectionOptions(command);
  const table = command.options.find(({ long }) => long === '--table');
  if (table !== undefined) table.description = 'the table (default: the one that the archive came from)';
  return command.action(async (files: readonly string[], options: Omit<RestoreOptions, 'files'>) => {
    await run(async () => (await import('./restore.js')).runRestore)({ ...options, files });
  });
}

/** A moment in epoch milliseconds; a duration is that long ago. */
function parseMoment(text: string): number {
  const moment = /^\d{4}-\d{2}/.test(text) ? Date.parse(text) : Date.now() - parseDuration(text);
  if (Number.isNaN(moment)) {
    throw new InvalidArgumentError('Give a time like 2026-11-24T08:00:00Z, or a duration ago like 2h.');
  }
  return moment;
}

function parseTtl(text: string): 'drop' | 'keep' | number {
  if (text === 'drop' || text === 'keep') return text;
  return parsePositiveDuration(text);
}
