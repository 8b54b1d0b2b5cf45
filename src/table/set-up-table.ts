import { type NextCommand, TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { KeyAttribute, Log, TableDescription, TimeToLive } from '../ports/index.js';
import { formatKeySchema } from './key-schema.js';
import { newStreamCommands } from './setup-command.js';
import { findTable, type TableContext, waitUntilActive } from './wait-for-table.js';

export interface TableSettings {
  readonly table: string;
  /** Hash key first. Default: `PK` of type S for a new table; an existing table keeps its own. */
  readonly keySchema?: readonly KeyAttribute[];
  readonly ttlAttribute: string;
  readonly viewType: string;
}

export interface TableSetUp {
  /** The table, ACTIVE. */
  readonly description: TableDescription;
  readonly created: boolean;
  /** TTL was off (AWS may say ENABLING for up to an hour). */
  readonly switchedTtlOn: boolean;
  /** The stream of an existing table was off. */
  readonly switchedStreamOn: boolean;
}

const DEFAULT_KEY_SCHEMA: readonly KeyAttribute[] = [{ name: 'PK', keyType: 'HASH', type: 'S' }];

/**
 * Creates the table, or enables the stream and TTL of an existing one. When a setting differs, changes nothing and throws
 * TABLE with all differences.
 */
export async function setUpTable(
  context: TableContext & { readonly log?: Log },
  settings: TableSettings,
): Promise<TableSetUp> {
  const { tables, log, signal } = context;
  const { table: TableName, keySchema = DEFAULT_KEY_SCHEMA, ttlAttribute, viewType } = settings;

  const found = await findTable(context, TableName);
  if (found?.TableStatus === 'DELETING') throw beingDeleted(TableName);
  if (found === undefined) {
    await tables.createTable({ TableName, keySchema, viewType }, signal);
    log?.info({ event: 'table.created', TableName, StreamViewType: viewType }, 'table created');
  }
  let description = await waitUntilActive(context, TableName);
  const timeToLive = await tables.describeTimeToLive(TableName, signal);
  const differences = findDifferences(settings, description, timeToLive);
  if (differences.length > 0) throw differs(settings, description, timeToLive, differences);

  const switchedStreamOn = !description.stream.enabled;
  if (switchedStreamOn) {
    await tables.enableStream({ TableName, viewType }, signal);
    log?.info({ event: 'stream.enabled', TableName, StreamViewType: viewType }, 'stream switched on');
    description = await waitUntilActive(context, TableName);
  }
  const switchedTtlOn = timeToLive.status === 'DISABLED';
  if (switchedTtlOn) {
    await tables.updateTimeToLive({ TableName, attribute: ttlAttribute }, signal);
    log?.info({ event: 'ttl.enabled', TableName, AttributeName: ttlAttribute }, 'TTL switched on');
  }
  return { description, created: found === undefined, switchedTtlOn, switchedStreamOn };
}

/** Each difference as a clause. A stream or TTL that is off is none: it will be switched on. */
function findDifferences(wanted: TableSettings, description: TableDescription, ttl: TimeToLive): string[] {
  const differences: string[] = [];
  const { stream } = description;
  const has = formatKeySchema(description.keySchema);
  if (wanted.keySchema !== undefined && formatKeySchema(wanted.keySchema) !== has) {
    differences.push(`its key schema is ${quoted(has)}, not ${quoted(formatKeySchema(wanted.keySchema))}`);
  }
  if (ttl.status === 'DISABLING') {
    differences.push('its TTL is being switched off');
  } else if (ttl.status !== 'DISABLED' && ttl.attribute !== wanted.ttlAttribute) {
    differences.push(`its TTL attribute is ${quoted(ttl.attribute ?? '')}, not ${quoted(wanted.ttlAttribute)}`);
  }
  if (stream.enabled && stream.viewType !== wanted.viewType) {
    differences.push(`its stream's view type is ${stream.viewType ?? 'unknown'}, not ${wanted.viewType}`);
  }
  return differences;
}

function differs(
  settings: TableSettings,
  description: TableDescription,
  ttl: TimeToLive,
  differences: readonly string[],
): TtlArchiveError {
  const { table } = settings;
  const message = `Table ${quoted(table)} exists with different settings: ${differences.join('; ')}.`;
  return new TtlArchiveError('TABLE', message, waysOut(settings, description, ttl));
}

function waysOut({ table }: TableSettings, { stream, keySchema }: TableDescription, ttl: TimeToLive) {
  if (ttl.status === 'DISABLING') {
    const describe: NextCommand = {
      program: 'aws',
      args: ['dynamodb', 'describe-time-to-live', '--table-name', table],
    };
    return { remedy: 'Run it again when this says DISABLED, which may take an hour:', commands: [describe] };
  }
  const { enabled, viewType } = stream;
  if (enabled && (viewType === 'KEYS_ONLY' || viewType === 'NEW_IMAGE')) {
    return {
      remedy:
        'A view type cannot be changed. Choose another table with --table, or switch the stream off and on again:',
      commands: newStreamCommands(table, true, ttl),
    };
  }
  const same: NextCommand = {
    program: 'ttl-archive',
    args: [
      'setup',
      '--table',
      table,
      '--key-schema',
      formatKeySchema(keySchema),
      ...(ttl.attribute === undefined ? [] : ['--ttl-attribute', ttl.attribute]),
      ...(enabled && viewType !== undefined ? ['--view-type', viewType] : []),
    ],
  };
  return { remedy: 'Choose another table with --table, or accept the settings that it has:', commands: [same] };
}

function beingDeleted(table: string): TtlArchiveError {
  return new TtlArchiveError('TABLE', `Table ${quoted(table)} is being deleted.`, {
    remedy: 'Run the command again in a minute, when the table is gone.',
  });
}
