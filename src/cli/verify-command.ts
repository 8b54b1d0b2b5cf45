import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';

/** `verify`: the archive against its journal. */
export function verifyCommand(run: Run): Command {
  return newCommand('verify', {
    summary: 'check the archive against its journal: missing, altered, unlisted files; exit status 10 on a mismatch',
    example: `
      ttl-archive verify
      ttl-archive verify --out archive --json`,
  })
    .addOption(outOption())
    .option('--json', 'stdout carries one JSON object')
    .action(run(async () => (await import('./verify.js')).runVerify));
}
