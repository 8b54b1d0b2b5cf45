import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';

/** `status`: what an archive holds and how far it is. */
export function statusCommand(run: Run): Command {
  return newCommand('status', {
    summary: "tell what is archived, each shard's checkpoint, lag and state, and the gaps; works while a watch runs",
    example: `
      ttl-archive status
      ttl-archive status --out archive --json`,
  })
    .addOption(outOption())
    .option('--json', 'stdout carries one JSON object')
    .action(run(async () => (await import('./status.js')).runStatus));
}
