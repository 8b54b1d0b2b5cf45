import type { Command } from 'commander';
import { addConnectionOptions, choiceOption, newCommand, type Run } from './command.js';

/** `setup`: creates a table, or enables its TTL and stream. */
export function setupCommand(run: Run): Command {
  const command = newCommand('setup', {
    summary: 'create a table, or enable its TTL and stream',
    details:
      'Waits until the table is ACTIVE. Never changes an existing, different setting: exits with 3 and says what differs.',
    examples: `
      ttl-archive setup --local
      ttl-archive setup --table Orders --key-schema customer:S,order:N --ttl-attribute expiresAt`,
  })
    .option('--key-schema <schema>', 'key attributes of a new table: NAME:TYPE[,NAME:TYPE] (default: PK:S)')
    .option('--ttl-attribute <name>', 'attribute that holds the expiry time in epoch seconds', 'ttl')
    .addOption(choiceOption('--view-type <type>', 'images in the stream records', ['OLD_IMAGE', 'NEW_AND_OLD_IMAGES']));
  return addConnectionOptions(command).action(run(async () => (await import('./setup.js')).runSetup));
}
