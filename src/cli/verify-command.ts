import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';

/** `verify`: checks the archive against its journal. */
export function verifyCommand(run: Run): Command {
  return newCommand('verify', {
    summary: 'check an archive for missing, altered and unlisted files',
    details: 'Checks every file against the journal. Exits with 10 when verification fails.',
    example: `
      ttl-archive verify
      ttl-archive verify --out archive --json`,
  })
    .addOption(outOption())
    .option('--json', 'print one JSON object')
    .action(run(async () => (await import('./verify.js')).runVerify));
}
