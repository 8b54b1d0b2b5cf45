import { Argument, type Command } from 'commander';
import { newCommand, type Run } from './command.js';
import type { CompactCommandOptions } from './compact.js';
import { parseMoment } from './moment.js';
import { addS3Options } from './s3-options.js';

/** `compact`: merges the small objects of an archive in S3. */
export function compactCommand(run: Run): Command {
  const command = newCommand('compact', {
    summary: 'merge the small objects of an archive in S3',
    details:
      'Merges the data objects of each hour that ended more than 48 hours ago into objects of up to 64 MB. Needs the permission ' +
      's3:DeleteObject. Can be interrupted at any time: run it again. Exits with 10 when it finds damaged objects, which it leaves alone.',
    examples: `
      ttl-archive compact s3://my-bucket/orders --dry-run
      ttl-archive compact s3://my-bucket/orders --since 7d`,
  })
    .addArgument(new Argument('<url>', 'the archive: s3://bucket/prefix'))
    .option(
      '--since <time>',
      'only hours from the one of this time on: a date or time (UTC unless it names a zone), or a duration before now',
      (text: string) => parseMoment(text),
    )
    .option('--until <time>', 'only hours up to the one of this time', (text: string) => parseMoment(text))
    .option('--dry-run', 'count what would be merged without changing anything')
    .option('--json', 'print one JSON object');
  return addS3Options(command).action(async (url: string, options: Omit<CompactCommandOptions, 'url'>) => {
    await run(async () => (await import('./compact.js')).runCompact)({ ...options, url });
  });
}
