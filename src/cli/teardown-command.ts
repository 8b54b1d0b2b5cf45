import type { Command } from 'commander';
import { addConnectionOptions, newCommand, outOption, type Run } from './command.js';

/** `teardown`: deletes the table, and with --files the archive. */
export function teardownCommand(run: Run): Command {
  const command = newCommand('teardown', {
    summary: 'delete a table, and with --files its archive',
    details: 'Asks first, unless --yes is given.',
    examples: `
      ttl-archive teardown --local --yes
      ttl-archive teardown --table Orders --files --out archive`,
  })
    .option('--yes', 'delete without asking')
    .option('--files', "also delete the archive's files and its journal; other files in the folder stay")
    .addOption(outOption('the archive folder, with --files'));
  return addConnectionOptions(command).action(run(async () => (await import('./teardown.js')).runTeardown));
}
