import { type Command, Option } from 'commander';
import { addConnectionOptions, CREATES_TABLE, durationOption, newCommand, type Run } from './command.js';
import { parseDuration, parsePositiveDuration } from './duration.js';
import { parseInteger } from './numbers.js';

/** `put-and-wait`: puts items that expire soon, and waits until TTL deletes them. */
export function putAndWaitCommand(run: Run): Command {
  const command = newCommand('put-and-wait', {
    summary: 'put items that expire soon, and poll until TTL deletes them',
    details: CREATES_TABLE,
    examples: `
      ttl-archive put-and-wait --local
      ttl-archive put-and-wait --table Orders --count 3 --ttl 5s --timeout 2m`,
  })
    .option('--count <n>', 'number of items', parseInteger(1, 1_000_000), 1)
    .addOption(new Option('--ttl <duration>', 'lifetime of the items').argParser(parseDuration).default(10_000, '10s'))
    .option(
      '--timeout <duration>',
      'give up after this time (default: never; on AWS a deletion may take days)',
      parsePositiveDuration,
    )
    .addOption(durationOption('--interval <duration>', 'poll interval', '1s'))
    .option('--json', 'print one JSON object per put and per deletion');
  return addConnectionOptions(command).action(run(async () => (await import('./put-and-wait.js')).runPutAndWait));
}
