import type { Command } from 'commander';
import { addConnectionOptions, newCommand, outOption, type Run } from './command.js';

/** `teardown`: deletes the table, and the archive when asked to. */
export function teardownCommand(run: Run): Command {
  const command = newCommand('teardown', {
    summary: 'delete the table; asks first',
    example: `
      ttl-archive teardown --local --yes
      ttl-archive teardown --table Orders --files --out archive`,
  })
    .option('--yes', 'do not ask')
    .option('--files', "also delete the archive's files and its journal; other files in the folder stay")
    .addOption(outOption('the archive folder, with --files'));
  return addConnectionOptions(command).action(run(async () => (await import('./teardown.js')).runTeardown));
}
