import { type Command, Option } from 'commander';
import { archiveTableOption, newCommand, outOption, type Run } from './command.js';
import { addS3Options } from './s3-options.js';
import { addWindowOptions } from './window-options.js';

/** `find`: prints the archived versions of a key, or the items of a time. */
export function findCommand(run: Run): Command {
  const command = newCommand('find', {
    summary: 'print the archived versions of a key, or the items of a time',
    details:
      'Prints one line per version, the newest last (without --key: in the order of the archive): deletion time, provenance, expiry time, ' +
      'path. Exits with 0 also when there is none.',
    examples: `
      ttl-archive find --key session-1
      ttl-archive find --key '{"customer":{"S":"c1"},"order":{"N":"7"}}' --latest --show
      ttl-archive find --out s3://my-bucket/orders --since 2026-11-24T10:00 --until 2026-11-24T11:00
      ttl-archive find --since 1d --expired --count`,
  })
    .option(
      '--key <key>',
      'key in DynamoDB JSON (attributes may be left out), or the bare value for a table with one key attribute',
    )
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'))
    .addOption(archiveTableOption());
  addWindowOptions(command, 'items deleted')
    .option('--expired', 'take --since and --until as times of expiry, by the TTL attribute')
    .option('--latest', 'print only the version that was deleted last')
    .option('--show', 'print the item itself, in the format in which it is archived')
    .option('--json', 'print one JSON object per version')
    .addOption(new Option('--count', 'print only how many there are').conflicts(['latest', 'show', 'json']));
  return addS3Options(command).action(run(async () => (await import('./find.js')).runFind));
}
