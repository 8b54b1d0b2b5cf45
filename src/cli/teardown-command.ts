import type { Command } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';

/** `teardown`: deletes the table, and the archive too when asked. */
export function teardownCommand(run: Run): Command {
  const command = newCommand('teardown', {
    summary: 'delete the table, after asking',
    example: 'ttl-archive teardown --local --yes --files',
  })
    .option('-y, --yes', 'do not ask')
    .option('--files', 'also empty the archive folder: what the archive wrote there, and nothing else')
    .option('-o, --out <dir>', 'the archive folder', 'temp');
  return addConnectionOptions(command).action(run(async () => (await import('./teardown.js')).teardown));
}
