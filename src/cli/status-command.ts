import { type Command, Option } from 'commander';
import { archiveTableOption, maxLagOption, newCommand, outOption, type Run } from './command.js';
import { addFailedOption } from './failed-option.js';
import { addS3Options } from './s3-options.js';

/** `status`: shows the content and the progress of an archive. */
export function statusCommand(run: Run): Command {
  const command = newCommand('status', {
    summary: 'show what is archived, the lag, the shards and the gaps',
    details:
      'Reads the archive alone, never DynamoDB, and works while a watch runs. In S3: what is archived, day by day; an item that was ' +
      'archived more than once counts as often.',
    examples: `
      ttl-archive status
      ttl-archive status --out archive --json
      ttl-archive status --out archive --days
      ttl-archive status --out archive --watch
      ttl-archive status --out s3://my-bucket/orders`,
  })
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'))
    .addOption(archiveTableOption())
    .option('--json', 'print one JSON object')
    .addOption(
      new Option('--days', 'also items and bytes by the day of their deletion (in S3: always)').conflicts('watch'),
    )
    .option(
      '-w, --watch',
      'show it anew every 2 seconds, until Ctrl-C; when stdout is no terminal, one below the other',
    )
    .addOption(maxLagOption('a watch that is further behind is not healthy (default: its own --max-lag)'));
  return addS3Options(addFailedOption(command)).action(run(async () => (await import('./status.js')).runStatus));
}
