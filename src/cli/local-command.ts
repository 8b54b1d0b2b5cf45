import { type Command, Option } from 'commander';
import { newCommand, type Run } from './command.js';
import { parseInteger } from './numbers.js';

/** `local`: the embedded DynamoDB Local in the foreground. */
export function localCommand(run: Run): Command {
  return newCommand('local', {
    summary: 'run the embedded DynamoDB Local, in memory and on all network interfaces, until Ctrl-C',
    example: 'ttl-archive local --port 8001',
  })
    .addOption(new Option('--port <n>', 'where it listens').argParser(parseInteger(1, 65_535)).default(8000))
    .action(run(async () => (await import('./local.js')).runLocal));
}
