import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';

/** `find`: prints the archived versions of one key. */
export function findCommand(run: Run): Command {
  return newCommand('find', {
    summary: 'print the archived versions of a key',
    details:
      'Prints one line per version, the newest last: deletion time, provenance, expiry time, path. Exits with 0 also when there is ' +
      'none.',
    example: `
      ttl-archive find --key session-1
      ttl-archive find --key '{"customer":{"S":"c1"},"order":{"N":"7"}}' --latest --show`,
  })
    .requiredOption(
      '--key <key>',
      'key in DynamoDB JSON (attributes may be left out), or the bare value for a table with one key attribute',
    )
    .addOption(outOption())
    .option('--latest', 'print only the version that was deleted last')
    .option('--show', 'print the item itself, in the format in which it is archived')
    .option('--json', 'print one JSON object per version')
    .action(run(async () => (await import('./find.js')).runFind));
}
