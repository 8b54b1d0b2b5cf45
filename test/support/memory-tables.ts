import { TtlArchiveError } from '../../src/errors.js';
import type { Clock, TableDescription, TablesClient, TimeToLive, WireItem } from '../../src/ports/index.js';

/** What a test may see and set of a table; `items` are by the JSON text of their key. */
interface MemoryTable {
  description: TableDescription;
  timeToLive: TimeToLive;
  readonly items: Map<string, WireItem>;
}

interface MemoryTablesOptions {
  /** How many describeTable calls a table stays CREATING, UPDATING or DELETING (default 1). */
  readonly transientCalls?: number;
  /** With it, an item whose TTL attribute is past is gone after `sweepMs` (default 1,000). */
  readonly clock?: Clock;
  readonly sweepMs?: number;
}

interface MemoryTables extends TablesClient {
  readonly byName: Map<string, MemoryTable>;
  /** The names of the methods that change something, in the order of the calls. */
  readonly changes: string[];
}

/** Tables in memory that behave as DynamoDB does, as far as src/table uses it. */
export function memoryTables({ transientCalls = 1, clock, sweepMs = 1000 }: MemoryTablesOptions = {}): MemoryTables {
  const byName = new Map<string, MemoryTable>();
  const transient = new Map<string, number>();
  const changes: string[] = [];

  const find = (name: string): MemoryTable => {
    const table = byName.get(name);
    if (table === undefined) throw new TtlArchiveError('TABLE_NOT_FOUND', `Table "${name}" does not exist.`);
    return table;
  };
  const set = (name: string, status: string, more: Partial<TableDescription> = {}): void => {
    const table = find(name);
    table.description = { ...table.description, ...more, TableStatus: status };
    transient.set(name, transientCalls);
  };
  /** One call nearer to the end of a passing status. */
  const pass = (name: string): void => {
    const left = transient.get(name);
    if (left === undefined) return;
    if (left > 0) return void transient.set(name, left - 1);
    transient.delete(name);
    const table = find(name);
    if (table.description.TableStatus === 'DELETING') byName.delete(name);
    else table.description = { ...table.description, TableStatus: 'ACTIVE' };
  };
  const keyOf = (name: string, item: WireItem): string =>
    JSON.stringify(find(name).description.keySchema.map((attribute) => [attribute.name, item[attribute.name]]));
  const isSwept = ({ timeToLive }: MemoryTable, item: WireItem): boolean => {
    const ttl = Number(item[timeToLive.attribute ?? '']?.['N']);
    return clock !== undefined && timeToLive.status === 'ENABLED' && clock.now() >= ttl * 1000 + sweepMs;
  };

  return {
    byName,
    changes,
    async describeTable(name) {
      pass(name);
      return find(name).description;
    },
    async describeTimeToLive(name) {
      return find(name).timeToLive;
    },
    async listTables() {
      return { TableNames: [...byName.keys()].toSorted() };
    },
    listTagsOfResource: async () => ({ Tags: [] }),
    async createTable({ TableName, keySchema, viewType }) {
      changes.push('createTable');
      if (byName.has(TableName)) throw new TtlArchiveError('TABLE', `Table "${TableName}" exists.`);
      const TableArn = `arn:aws:dynamodb:ddblocal:000000000000:table/${TableName}`;
      const stream = { enabled: true, viewType };
      const LatestStreamArn = `${TableArn}/stream/1`;
      byName.set(TableName, {
        description: { TableName, TableArn, TableStatus: 'CREATING', keySchema, stream, LatestStreamArn },
        timeToLive: { status: 'DISABLED' },
        items: new Map(),
      });
      transient.set(TableName, transientCalls);
    },
    async updateTimeToLive({ TableName, attribute }) {
      changes.push('updateTimeToLive');
      const table = find(TableName);
      if (table.timeToLive.status !== 'DISABLED') throw new TtlArchiveError('VALIDATION', 'TimeToLive is enabled.');
      table.timeToLive = { status: 'ENABLED', attribute };
    },
    async enableStream({ TableName, viewType }) {
      changes.push('enableStream');
      const { TableArn, stream } = find(TableName).description;
      if (stream.enabled) throw new TtlArchiveError('VALIDATION', 'The table has a stream.');
      set(TableName, 'UPDATING', { stream: { enabled: true, viewType }, LatestStreamArn: `${TableArn}/stream/2` });
    },
    async deleteTable(name) {
      changes.push('deleteTable');
      if (find(name).description.TableStatus === 'DELETING') throw new TtlArchiveError('TABLE', 'Being deleted.');
      set(name, 'DELETING');
    },
    async putItem({ TableName, item, ifAbsent }) {
      const { items } = find(TableName);
      const key = keyOf(TableName, item);
      if (ifAbsent !== undefined && items.has(key)) throw new TtlArchiveError('CONDITION_FAILED', 'The item exists.');
      items.set(key, item);
    },
    async getItem({ TableName, key }) {
      const table = find(TableName);
      const item = table.items.get(keyOf(TableName, key));
      return item === undefined || isSwept(table, item) ? undefined : item;
    },
    async deleteItem({ TableName, key }) {
      find(TableName).items.delete(keyOf(TableName, key));
    },
    async scan({ TableName, attribute, limit }) {
      const items = [...find(TableName).items.values()].slice(0, limit);
      return items.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => name === attribute)));
    },
    close: () => undefined,
  };
}
