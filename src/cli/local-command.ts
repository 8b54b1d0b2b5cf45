import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';
import { parseInteger } from './numbers.js';

/** `local`: runs the embedded DynamoDB Local in the foreground. */
export function localCommand(run: Run): Command {
  return newCommand('local', {
    summary: 'run the embedded DynamoDB Local until Ctrl-C',
    details: 'Keeps everything in memory, and listens on all network interfaces.',
    examples: `
      ttl-archive local
      ttl-archive local --port 8001`,
  })
    .option('--port <n>', 'port to listen on', parseInteger(1, 65_535), 8000)
    .action(run(async () => (await import('./local.js')).runLocal));
}
