import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';
import { parseInteger } from './numbers.js';

/** `local`: DynamoDB Local in the foreground. */
export function localCommand(run: Run): Command {
  return newCommand('local', {
    summary: 'run the embedded DynamoDB Local, in memory, until Ctrl-C',
    example: 'ttl-archive local --port 8000',
  })
    .option('--port <n>', 'the port that it listens at', parseInteger(1, 65_535), 8000)
    .action(run(async () => (await import('./local.js')).local));
}
