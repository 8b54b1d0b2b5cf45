import { type Command, Option } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';

/** `doctor`: checks whether a table can be archived. */
export function doctorCommand(run: Run): Command {
  const command = newCommand('doctor', {
    summary: 'check whether a table can be archived, and suggest fixes',
    details: 'Exits with the status that watch would exit with on this table.',
    example: `
      ttl-archive doctor --local
      ttl-archive doctor --table Orders --json`,
  })
    .addOption(
      new Option('--deletions <which>', 'which deletions to archive, as for watch')
        .choices(['ttl', 'inferred', 'all'])
        .default('ttl'),
    )
    .option('--json', 'print one JSON object per check');
  return addConnectionOptions(command).action(run(async () => (await import('./doctor.js')).runDoctor));
}
