import type { Command } from 'commander';

/** Adds `--failed`. */
export function addFailedOption(command: Command): Command {
  return command.option(
    '--failed <url>',
    'where AWS Lambda puts the batches that it gives up on, s3://bucket (default: as the archive notes it)',
  );
}
