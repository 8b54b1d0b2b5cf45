import { hasCode, TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { Clock, TableDescription, TablesClient } from '../ports/index.js';

/** What the functions of this folder work with. */
export interface TableContext {
  readonly tables: TablesClient;
  readonly clock: Clock;
  /** When it aborts, the function rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Creating or deleting a table takes seconds on AWS, rarely more than a minute. */
const WAIT_TIMEOUT_MS = 10 * 60_000;
const WAIT_INTERVAL_MS = 500;

/** The table; undefined when it does not exist. */
export async function findTable(
  { tables, signal }: { readonly tables: TablesClient; readonly signal?: AbortSignal | undefined },
  table: string,
): Promise<TableDescription | undefined> {
  try {
    return await tables.describeTable(table, signal);
  } catch (error) {
    if (hasCode(error, 'TABLE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Polls the table until `done` returns true for it (undefined: no such table). Throws TIMEOUT after ten minutes. */
export async function waitForTable(
  context: TableContext,
  table: string,
  awaited: string,
  done: (description: TableDescription | undefined) => boolean,
): Promise<TableDescription | undefined> {
  const { clock, signal } = context;
  const giveUpAt = clock.now() + WAIT_TIMEOUT_MS;
  for (;;) {
    const description = await findTable(context, table);
    if (done(description)) return description;
    if (clock.now() >= giveUpAt) {
      const minutes = WAIT_TIMEOUT_MS / 60_000;
      const now = description === undefined ? 'missing' : description.TableStatus;
      const message = `Table ${quoted(table)} is ${now}, not ${awaited}, after ${minutes} minutes.`;
      throw new TtlArchiveError('TIMEOUT', message, { remedy: 'Run the command again: it resumes where it stopped.' });
    }
    await clock.sleep(WAIT_INTERVAL_MS, signal);
    signal?.throwIfAborted();
  }
}

/**
 * Waits until the table is ACTIVE, also when it does not exist yet: a new table may be invisible for a moment. Throws
 * TIMEOUT after ten minutes.
 */
export async function waitUntilActive(context: TableContext, table: string): Promise<TableDescription> {
  const description = await waitForTable(context, table, 'ACTIVE', (found) => found?.TableStatus === 'ACTIVE');
  if (description === undefined) throw new Error('waited for a table and have none');
  return description;
}
