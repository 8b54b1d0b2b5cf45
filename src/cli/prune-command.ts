import { type Command, InvalidArgumentError, Option } from 'commander';
import { newCommand, outOption, type Run } from './command.js';
import { parsePositiveDuration } from './duration.js';

/** `prune`: removes old items from an archive folder. */
export function pruneCommand(run: Run): Command {
  return newCommand('prune', {
    summary: 'remove old items from an archive folder',
    details:
      'Removes the items that were deleted from the table longer ago than --older-than; of segments, those whose hour is over by then. ' +
      'The journal records it, so that verify passes, and find and restore skip these items. Asks first, unless --yes is given. ' +
      'Can be interrupted at any time: run it again.',
    examples: `
      ttl-archive prune --older-than 400d --dry-run
      ttl-archive prune --out archive --older-than 400d --yes`,
  })
    .addOption(
      new Option('--older-than <duration>', 'minimum age, by the time of the deletion, like 400d or 12h')
        .argParser(parseAge)
        .makeOptionMandatory(),
    )
    .addOption(outOption())
    .option('--yes', 'prune without asking')
    .option('--dry-run', 'count what would be pruned without changing anything')
    .option('--json', 'print one JSON object')
    .action(run(async () => (await import('./prune.js')).runPrune));
}

/** A bare number would be seconds, and whoever writes 400 means days. */
function parseAge(text: string): number {
  if (/[a-z]\s*$/.test(text)) return parsePositiveDuration(text);
  throw new InvalidArgumentError('Give a duration with its unit, like 400d or 12h.');
}
