import { createTablesClient } from '../aws/tables-client.js';
import { hasCode } from '../errors.js';
import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import { isAnswering } from '../local/is-answering.js';
import type { Connection, Log } from '../ports.js';
import { setUpTable } from '../table/set-up-table.js';
import { systemClock } from '../watch/system-clock.js';
import type { ConnectionOptions } from './command.js';
import type { Io } from './io.js';

export const LOCAL_PORT = 8000;

/** The options of the command line as a connection. */
export function connectionOf({ endpointUrl, region, profile }: ConnectionOptions): Connection {
  return {
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}

/**
 * Runs `use` with a connection. With `--local` that is DynamoDB Local at port 8000: the one that answers there, or else
 * the embedded one, which is stopped when `use` has ended.
 */
export async function withConnection<T>(
  options: ConnectionOptions,
  { io, log }: { io: Io; log: Log },
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  if (options.local !== true) return use(connectionOf(options));
  const endpointUrl = `http://localhost:${LOCAL_PORT}`;
  const connection = { ...connectionOf(options), endpointUrl };
  if (await isAnswering(endpointUrl)) return use(connection);
  log.info({}, 'starting the embedded DynamoDB Local');
  const local = await startDynamoDbLocal({ port: LOCAL_PORT, signal: io.signal });
  log.info({ endpoint: endpointUrl }, 'DynamoDB Local is running');
  try {
    return await use(connection);
  } finally {
    await local.stop();
  }
}

/** With `--local` a missing table is set up first, as `setup` does by default. */
export async function setUpMissingTable(
  connection: Connection,
  table: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const tables = createTablesClient(connection);
  try {
    await tables.describeTable(table, signal);
  } catch (error) {
    if (!hasCode(error, 'TABLE_NOT_FOUND')) throw error;
    await setUpTable(
      { tables, clock: systemClock, log, signal },
      { table, ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' },
    );
    log.info({ TableName: table }, 'the table was missing and is set up');
  } finally {
    tables.close();
  }
}
