import { type Command, Option } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';

/** `doctor`: checks that the table can be archived. */
export function doctorCommand(run: Run): Command {
  const command = newCommand('doctor', {
    summary: 'check that the table can be archived, and say how to fix what is wrong',
    example: `
      ttl-archive doctor --local
      ttl-archive doctor --table Orders --json`,
  })
    .addOption(
      new Option('--deletions <which>', 'what is to be archived, as with watch')
        .choices(['ttl', 'inferred', 'all'])
        .default('ttl'),
    )
    .option('--json', 'stdout carries one JSON object a check');
  return addConnectionOptions(command).action(run(async () => (await import('./doctor.js')).runDoctor));
}
