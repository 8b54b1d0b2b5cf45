import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';

/** `status`: shows the content and the progress of an archive. */
export function statusCommand(run: Run): Command {
  return newCommand('status', {
    summary: 'show what is archived, the lag, the shards and the gaps',
    details: 'Reads the archive alone, never AWS, and works while a watch runs.',
    example: `
      ttl-archive status
      ttl-archive status --out archive --json`,
  })
    .addOption(outOption())
    .option('--json', 'print one JSON object')
    .action(run(async () => (await import('./status.js')).runStatus));
}
