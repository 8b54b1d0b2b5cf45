import { type Command, Option } from 'commander';
import { archiveTableOption, newCommand, outOption, type Run } from './command.js';
import { addFailedOption } from './failed-option.js';
import { parsePercent } from './numbers.js';
import { addS3Options } from './s3-options.js';
import { addWindowOptions } from './window-options.js';

/** `verify`: checks the archive against its journal or its manifests. */
export function verifyCommand(run: Run): Command {
  const command = newCommand('verify', {
    summary: 'check an archive for missing, altered and unlisted files',
    details:
      'Checks every file against the journal, or in S3 every object against its manifest. Exits with 10 when verification fails.',
    examples: `
      ttl-archive verify
      ttl-archive verify --out archive --json
      ttl-archive verify --out s3://my-bucket/orders --sample 5%`,
  })
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'))
    .addOption(archiveTableOption())
    .addOption(
      new Option(
        '--sample <percent>',
        'read only this share of the data, another one each day, and check of the rest that it is there',
      ).argParser(parsePercent),
    );
  addWindowOptions(command, 'hours (in S3) with items deleted').option('--json', 'print one JSON object');
  return addS3Options(addFailedOption(command)).action(run(async () => (await import('./verify.js')).runVerify));
}
