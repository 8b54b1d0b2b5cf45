import { type Command, Option } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';

/** `setup`: makes the table ready to be watched. */
export function setupCommand(run: Run): Command {
  const command = newCommand('setup', {
    summary: 'create the table if it is missing, switch TTL and the stream on, and wait until both are active',
    example: `
      ttl-archive setup --local
      ttl-archive setup --table Orders --key-schema customer:S,order:N --ttl-attribute expiresAt`,
  })
    .option('--key-schema <schema>', 'key attributes: NAME:TYPE[,NAME:TYPE] (default for a new table: PK:S)')
    .option('--ttl-attribute <name>', 'the attribute that holds the expiry time in epoch seconds', 'ttl')
    .addOption(
      new Option('--view-type <type>', "what the stream's records hold")
        .choices(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES'])
        .default('OLD_IMAGE'),
    );
  return addConnectionOptions(command).action(run(async () => (await import('./setup.js')).runSetup));
}
