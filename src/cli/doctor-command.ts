import type { Command } from 'commander';
import { addConnectionOptions, deletionsOption, newCommand, type Run } from './command.js';

/** `doctor`: checks whether a table can be archived. */
export function doctorCommand(run: Run): Command {
  const command = newCommand('doctor', {
    summary: 'check whether a table can be archived, and suggest fixes',
    details: 'Exits with the status that watch would exit with on this table.',
    example: `
      ttl-archive doctor --local
      ttl-archive doctor --table Orders --json`,
  })
    .addOption(deletionsOption('which deletions to archive, as for watch'))
    .option('--json', 'print one JSON object per check');
  return addConnectionOptions(command).action(run(async () => (await import('./doctor.js')).runDoctor));
}
