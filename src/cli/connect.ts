import { createTablesClient } from '../aws/tables-client.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import { parseTableArn } from '../lib/table-arn.js';
import type { Clock, Connection, Log, TablesClient } from '../ports/index.js';
import { type ConnectionOptions, tableName } from './command.js';
import type { Io } from './io.js';
import { openLocalEndpoint } from './local-endpoint.js';
import { setUpMissing } from './set-up-missing.js';

/** The clients and settings of a command that connects to DynamoDB. */
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
  const table = tableName(options, io);
  const region = regionOf(options, table);
  const local = options.local === true ? await openLocalEndpoint({ log, clock, signal }) : undefined;
  const connection = connectionOf({ ...options, region }, local?.endpointUrl);
  const tables = createTablesClient(connection, { onDate, ...(maxSockets !== undefined && { maxSockets }) });
  try {
    if (local !== undefined && setUp) {
      await setUpMissing({ tables, clock, signal, log }, { table, mayCreate: local.isOwn || !isNamed(options, io) });
    }
    return await work({ connection, table, tables, clock, signal });
  } finally {
    tables.close();
    await local?.stop();
  }
}

/** The region to connect to. Throws USAGE when `--region` contradicts the table's ARN. */
function regionOf({ region, endpointUrl, local }: ConnectionOptions, table: string): string | undefined {
  const arn = parseTableArn(table);
  // An emulator does not use the region of an ARN.
  if (arn === undefined || endpointUrl !== undefined || local === true) return region;
  if (region === undefined || region === arn.region) return arn.region;
  throw new TtlArchiveError(
    'USAGE',
    `The table is in the region ${arn.region}, and --region says ${escapeText(region)}.`,
    {
      remedy: 'Leave --region out, or give the ARN of a table in that region.',
    },
  );
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
