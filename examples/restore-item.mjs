// Shows the archived versions of an item, and puts the newest one back with a lifetime of 30 days.
//
//   node restore-item.mjs <archive> '{"PK":{"S":"c1"}}' [--endpoint-url <url>]
//
// <archive> is a folder, or s3://bucket/prefix.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { exitStatusOf, find, restore, TtlArchiveError } from 'ttl-archive';

const DAY = 86_400_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'endpoint-url': { type: 'string' } } });
const [out = 'archive', keyText = '{}'] = positionals;
const endpointUrl = values['endpoint-url'];

try {
  const key = JSON.parse(keyText);
  for await (const version of find({ out, key })) console.log(version.deletedAt, await version.text());
  const connection = endpointUrl === undefined ? {} : { endpointUrl };
  const { restored, skipped, table } = await restore({ out, key, ttl: 30 * DAY, connection });
  console.log(`${restored} restored into ${table}, ${skipped} skipped because the table has it`);
} catch (error) {
  if (!(error instanceof TtlArchiveError)) throw error;
  console.error(`${error.message} ${error.remedy ?? ''}`);
  process.exitCode = exitStatusOf(error);
}
