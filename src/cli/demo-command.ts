import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';

/** `demo`: the whole exercise, step by step, on DynamoDB Local. */
export function demoCommand(run: Run): Command {
  return newCommand('demo', {
    summary: 'show expired items become files, in under a minute',
    details:
      'Starts the embedded DynamoDB Local, sets up a table, watches it, lets three items expire, deletes one by hand, shows the ' +
      'files, restores one item, and cleans up.',
    examples: `
      ttl-archive demo
      ttl-archive demo --no-color > demo.txt`,
  }).action(run(async () => (await import('./demo.js')).runDemo));
}
