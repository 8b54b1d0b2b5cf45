import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';

/** `demo`: the whole exercise, told step by step. */
export function demoCommand(run: Run): Command {
  return newCommand('demo', {
    summary:
      'show the whole exercise in under a minute on the embedded DynamoDB Local: set up, watch, expire three items, ' +
      'delete one by hand, show the files, restore one, clean up',
    example: 'ttl-archive demo',
  }).action(run(async () => (await import('./demo.js')).runDemo));
}
