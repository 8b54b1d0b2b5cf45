import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import { setUpTable } from '../table/set-up-table.js';
import { findTable, type TableContext } from '../table/wait-for-table.js';
import { LOCAL_URL } from './local-url.js';

/**
 * Creates a missing table. Throws TABLE_NOT_FOUND instead when it must not: a named table on a server that was running
 * already may be in another database, because a DynamoDB Local without -sharedDb has one for each access key and region.
 */
export async function setUpMissing(
  context: TableContext & { readonly log: Log },
  { table, mayCreate }: { table: string; mayCreate: boolean },
): Promise<void> {
  if ((await findTable(context, table)) !== undefined) return;
  if (mayCreate) {
    await setUpTable(context, { table, ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' });
    return;
  }
  throw new TtlArchiveError('TABLE_NOT_FOUND', `There is no table ${quoted(table)} at ${LOCAL_URL}.`, {
    remedy:
      'A DynamoDB Local that was started without -sharedDb keeps one database for each access key and region: start it ' +
      'with -sharedDb, or use the AWS_ACCESS_KEY_ID and --region that created the table. To create it now:',
    commands: [{ program: 'ttl-archive', args: ['setup', '--table', table] }],
  });
}
