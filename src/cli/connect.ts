import { createTablesClient } from '../aws/tables-client.js';
import { systemClock } from '../lib/system-clock.js';
import { regionOfTables } from '../lib/table-region.js';
import type { Clock, Connection, Log, TablesClient } from '../ports/index.js';
import { type ConnectionOptions, tableName } from './command.js';
import type { Io } from './io.js';
import { openLocalEndpoint } from './local-endpoint.js';
import { LOCAL_URL } from './local-url.js';
import { setUpMissing } from './set-up-missing.js';

/** The clients and settings of a command that connects to DynamoDB. */
export interface Connected {
  readonly connection: Connection;
  /** Of several, the first one. */
  readonly table: string;
  readonly tables: TablesClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ConnectInput {
  readonly options: ConnectionOptions;
  /** Names or ARNs of several tables, in place of the one that the options name. */
  readonly tables?: readonly string[];
  readonly io: Io;
  readonly log: Log;
  /** With `--local`: first create a missing table, as `setup` does. */
  readonly setUp: boolean;
  /** Maximum calls to DynamoDB in flight. Default: the client's. */
  readonly maxSockets?: number;
  /** Called with the `Date` header of each response of DynamoDB. */
  readonly onDate?: (date: string) => void;
}

/** Connects as the options say, runs `work`, then closes the client and stops a DynamoDB Local that it started. */
export async function withConnection<T>(input: ConnectInput, work: (connected: Connected) => Promise<T>): Promise<T> {
  const { options, io, log, setUp, maxSockets, onDate } = input;
  const { signal } = io;
  const clock = systemClock;
  const named = input.tables ?? [tableName(options, io)];
  const region = regionOfTables(named, { ...options, ...(options.local === true && { endpointUrl: LOCAL_URL }) });
  const local = options.local === true ? await openLocalEndpoint({ log, clock, signal }) : undefined;
  const connection = connectionOf({ ...options, region }, local?.endpointUrl);
  const tables = createTablesClient(connection, { onDate, ...(maxSockets !== undefined && { maxSockets }) });
  try {
    if (local !== undefined && setUp) {
      const mayCreate = local.isOwn || !(input.tables !== undefined || isNamed(options, io));
      for (const table of named) await setUpMissing({ tables, clock, signal, log }, { table, mayCreate });
    }
    return await work({ connection, table: named[0] ?? '', tables, clock, signal });
  } finally {
    tables.close();
    await local?.stop();
  }
}

function isNamed(options: ConnectionOptions, io: Io): boolean {
  return options.table !== undefined || Boolean(io.env['TTL_ARCHIVE_TABLE']);
}

function connectionOf(
  { endpointUrl, region, profile }: Pick<ConnectionOptions, 'endpointUrl' | 'profile'> & { region: string | undefined },
  local: string | undefined,
): Connection {
  const endpoint = local ?? endpointUrl;
  return {
    ...(endpoint !== undefined && { endpointUrl: endpoint }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}
