import { Argument, type Command } from 'commander';
import { deletionsOption, newCommand, type Run } from './command.js';
import type { ReplayCommandOptions } from './replay.js';
import { addS3Options } from './s3-options.js';

/** `replay`: archives what AWS Lambda gave up on. */
export function replayCommand(run: Run): Command {
  const command = newCommand('replay', {
    summary: 'archive what AWS Lambda gave up on',
    details:
      'Reads the on-failure destination of the event source mapping, archives its batches once, and notes in the archive which ' +
      'are done. Exits with 5 when something is left that cannot be archived.',
    examples: `
      ttl-archive replay s3://my-failed-batches --out s3://my-bucket/orders --dry-run
      ttl-archive replay s3://my-failed-batches --out s3://my-bucket/orders --delete`,
  })
    .addArgument(new Argument('<url>', 'the on-failure destination: s3://bucket, or a prefix in it'))
    .requiredOption('-o, --out <url>', 'the archive: s3://bucket/prefix')
    .option('-t, --table <name>', 'the table whose batches are archived (default: the archived table)')
    .addOption(deletionsOption('which deletions to archive, as the function does'))
    .option('--ttl-attribute <name>', "the table's TTL attribute, as the function has it")
    .option('--delete', 'delete archived batches from the on-failure destination')
    .option('--dry-run', 'count what would be archived without changing anything')
    .option('--json', 'print one JSON object');
  return addS3Options(command).action(async (url: string, options: Omit<ReplayCommandOptions, 'url'>) => {
    await run(async () => (await import('./replay.js')).runReplay)({ ...options, url });
  });
}
