import { type Command, Option } from 'commander';
import { newCommand, outOption, type Run } from './command.js';
import { addS3Options } from './s3-options.js';
import { addWindowOptions } from './window-options.js';

/** `export`: writes the archived items as a Parquet file. */
export function exportCommand(run: Run): Command {
  const command = newCommand('export', {
    summary: 'write the archived items as a Parquet file',
    details:
      'A row for each archived version: times, TTL, key, provenance, and the item as JSON text, in the format in which it is archived. ' +
      'Exits with 10 when items are missing or altered: their rows have no item.',
    examples: `
      ttl-archive export --out archive --parquet items.parquet
      ttl-archive export --out s3://my-bucket/orders --since 2026-11-24 --until 2026-11-25 --parquet day.parquet`,
  })
    .addOption(new Option('--parquet <file>', 'the file to write').makeOptionMandatory())
    .addOption(outOption('the archive: a folder, or s3://bucket/prefix'));
  addWindowOptions(command, 'items deleted').option('--force', 'replace the file if it exists');
  return addS3Options(command).action(run(async () => (await import('./export.js')).runExport));
}
