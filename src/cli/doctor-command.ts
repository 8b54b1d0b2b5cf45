import type { Command } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';

/** `doctor`: can this table be archived? */
export function doctorCommand(run: Run): Command {
  const command = newCommand('doctor', {
    summary: 'check that the table can be archived, and say how to mend what is not right',
    example: 'ttl-archive doctor --table Orders',
  }).option('--json', 'one JSON object a check on stdout');
  return addConnectionOptions(command).action(run(async () => (await import('./doctor.js')).runDoctor));
}
