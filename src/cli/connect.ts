import { createTablesClient } from '../aws/tables-client.js';
import type { Clock, Connection, Log, TablesClient } from '../ports.js';
import { setUpTable } from '../table/set-up-table.js';
import { findTable } from '../table/wait-for-table.js';
import { systemClock } from '../watch/system-clock.js';
import { type ConnectionOptions, tableName } from './command.js';
import type { Io } from './io.js';
import { openLocalEndpoint } from './local-endpoint.js';

/** What a command that talks to DynamoDB works with. */
export interface Connected {
  readonly connection: Connection;
  readonly table: string;
  readonly tables: TablesClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ConnectInput {
  readonly options: ConnectionOptions;
  readonly io: Io;
  readonly log: Log;
  /** With `--local`: set a missing table up first, as `setup` does. */
  readonly setUp: boolean;
}

/** Connects as the options say, runs `work`, and closes what was opened: also the DynamoDB Local that it started. */
export async function withConnection<T>(input: ConnectInput, work: (connected: Connected) => Promise<T>): Promise<T> {
  const { options, io, log, setUp } = input;
  const { signal } = io;
  const clock = systemClock;
  const local = options.local === true ? await openLocalEndpoint({ log, clock, signal }) : undefined;
  const connection = connectionOf(options, local?.endpointUrl);
  const tables = createTablesClient(connection);
  const table = tableName(options, io);
  try {
    if (local !== undefined && setUp) await setUpMissing({ tables, clock, signal, log }, table);
    return await work({ connection, table, tables, clock, signal });
  } finally {
    tables.close();
    await local?.stop();
  }
}

async function setUpMissing(
  context: { tables: TablesClient; clock: Clock; signal: AbortSignal; log: Log },
  table: string,
): Promise<void> {
  if ((await findTable(context, table)) !== undefined) return;
  await setUpTable(context, { table, ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' });
}

function connectionOf({ endpointUrl, region, profile }: ConnectionOptions, local: string | undefined): Connection {
  const endpoint = local ?? endpointUrl;
  return {
    ...(endpoint !== undefined && { endpointUrl: endpoint }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}
