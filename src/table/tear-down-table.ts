import { hasCode } from '../errors.js';
import { findTable, type TableContext, waitForTable } from './wait-for-table.js';

/** Deletes the table and waits until it is gone. A missing table is no error. */
export async function tearDownTable(context: TableContext, table: string): Promise<'deleted' | 'missing'> {
  const found = await findTable(context, table);
  if (found === undefined) return 'missing';
  // AWS rejects a second DeleteTable.
  if (found.TableStatus !== 'DELETING') {
    try {
      await context.tables.deleteTable(table, context.signal);
    } catch (error) {
      if (!hasCode(error, 'TABLE_NOT_FOUND')) throw error;
    }
  }
  await waitForTable(context, table, 'deleted', (description) => description === undefined);
  return 'deleted';
}
