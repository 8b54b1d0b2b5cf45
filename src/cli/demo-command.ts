import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';

/** `demo`: the whole exercise, told step by step. */
export function demoCommand(run: Run): Command {
  return newCommand('demo', {
    summary: 'show the whole exercise in under a minute',
    details:
      'On the embedded DynamoDB Local: sets up a table, watches it, lets three items expire, deletes one by hand, shows the files, ' +
      'restores one, and cleans up.',
    example: 'ttl-archive demo',
  }).action(run(async () => (await import('./demo.js')).runDemo));
}
