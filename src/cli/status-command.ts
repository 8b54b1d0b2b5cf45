import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';

/** `status`: what an archive holds and how far it is. */
export function statusCommand(run: Run): Command {
  return newCommand('status', {
    summary: "show what is archived, each shard's checkpoint, lag and state, and gaps; works while a watch runs",
    example: 'ttl-archive status --out temp --json',
  })
    .option('-o, --out <dir>', 'the archive folder', 'temp')
    .option('--json', 'one JSON object on stdout')
    .action(run(async () => (await import('./status.js')).status));
}
