import type { Command } from 'commander';
import { newCommand, outOption, type Run } from './command.js';
import { addS3Options } from './s3-options.js';

/** `report`: writes an HTML page about an archive. */
export function reportCommand(run: Run): Command {
  const command = newCommand('report', {
    summary: 'write an HTML page about an archive',
    details:
      'Shows items and bytes over time, how long after their expiry items were deleted, provenance and gaps. One file, which loads ' +
      'nothing from elsewhere and runs no script. It holds no items and no keys.',
    examples: `
      ttl-archive report --out archive
      ttl-archive report --out s3://my-bucket/orders --output orders.html --force`,
  })
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'))
    .option('--output <file>', 'the page to write, or "-" for stdout', 'report.html')
    .option('--force', 'replace the file if it exists');
  return addS3Options(command).action(run(async () => (await import('./report.js')).runReport));
}
