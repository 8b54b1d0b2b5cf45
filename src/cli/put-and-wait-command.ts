import type { Command } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';
import { parseDuration } from './duration.js';
import { parseInteger } from './numbers.js';

/** `put-and-wait`: puts items that expire soon and waits until they are gone. */
export function putAndWaitCommand(run: Run): Command {
  const command = newCommand('put-and-wait', {
    summary: 'put items that expire soon and wait until TTL has deleted them (on AWS that may take days)',
    example: 'ttl-archive put-and-wait --local --count 3',
  })
    .option('--count <n>', 'items to put', parseInteger(1), 1)
    .option('--ttl <duration>', 'time until they expire', parseDuration, 10_000)
    .option('--interval <duration>', 'time between two looks', parseDuration, 1000)
    .option('--timeout <duration>', 'give up after this time, with exit status 8 (default: none)', parseDuration)
    .option('--json', 'one JSON object an item on stdout');
  return addConnectionOptions(command).action(run(async () => (await import('./put-and-wait.js')).runPutAndWait));
}
