import type { Command } from 'commander';
import { newCommand, type Run } from './command.js';

/** `demo`: the whole exercise in one go. */
export function demoCommand(run: Run): Command {
  return newCommand('demo', {
    summary: 'the whole exercise on the embedded DynamoDB Local, narrated, in under a minute; leaves nothing behind',
    example: 'ttl-archive demo',
  }).action(run(async () => (await import('./demo.js')).demo));
}
