import type { ChangeRecord, WireItem } from '../../src/ports/index.js';
import { call, uniqueTable } from './dynamodb-local.js';

/** A table on DynamoDB Local, handled with raw calls, as any other client would. */
export interface LocalTable {
  readonly TableName: string;
  put(item: WireItem): Promise<void>;
  get(item: WireItem): Promise<WireItem | undefined>;
  delete(item: WireItem): Promise<void>;
  /** Puts and then deletes the items, in batches: a REMOVE record each. Their keys must differ. */
  putAndDelete(items: readonly WireItem[]): Promise<void>;
  setStream(enabled: boolean): Promise<void>;
  latestStream(): Promise<string>;
  /** Every record of the latest stream. */
  records(): Promise<ChangeRecord[]>;
  drop(): Promise<void>;
}

export interface LocalTableInput {
  /** Key attributes and their types, hash key first. Default: `PK` of type S. */
  readonly keys?: Readonly<Record<string, 'S' | 'N' | 'B'>>;
  /** Default OLD_IMAGE; null: no stream. */
  readonly viewType?: string | null;
  /** Default: TTL is off. DynamoDB Local looks through all tables with TTL in turn, so each one slows the sweep down. */
  readonly ttlAttribute?: string;
}

/** Creates a table with the calls of the exercise: create, TTL, stream. */
export async function createLocalTable(endpoint: string, input: LocalTableInput = {}): Promise<LocalTable> {
  const { keys = { PK: 'S' }, viewType = 'OLD_IMAGE', ttlAttribute } = input;
  const TableName = uniqueTable();
  const send = <T extends object>(operation: string, body: object) =>
    call<T>(endpoint, `DynamoDB_20120810.${operation}`, { TableName, ...body });
  const ask = <T extends object>(operation: string, body: object) =>
    call<T>(endpoint, `DynamoDBStreams_20120810.${operation}`, body);
  const names = Object.keys(keys);
  const keyOf = (item: WireItem) => Object.fromEntries(names.map((name) => [name, item[name]]));
  const setStream = async (StreamEnabled: boolean) => {
    const StreamSpecification = { StreamEnabled, ...(StreamEnabled && { StreamViewType: viewType }) };
    await send('UpdateTable', { StreamSpecification });
  };
  const latestStream = async () =>
    (await send<{ Table: { LatestStreamArn: string } }>('DescribeTable', {})).Table.LatestStreamArn;
  const writeInBatches = async (requests: readonly object[]) => {
    for (let start = 0; start < requests.length; start += 25) {
      const RequestItems = { [TableName]: requests.slice(start, start + 25) };
      await call(endpoint, 'DynamoDB_20120810.BatchWriteItem', { RequestItems });
    }
  };

  await send('CreateTable', {
    AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: keys[name] })),
    KeySchema: names.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    BillingMode: 'PAY_PER_REQUEST',
  });
  if (ttlAttribute !== undefined) {
    await send('UpdateTimeToLive', { TimeToLiveSpecification: { Enabled: true, AttributeName: ttlAttribute } });
  }
  if (viewType !== null) await setStream(true);

  return {
    TableName,
    setStream,
    latestStream,
    put: async (Item) => {
      await send('PutItem', { Item });
    },
    get: async (item) => (await send<{ Item?: WireItem }>('GetItem', { Key: keyOf(item), ConsistentRead: true })).Item,
    delete: async (item) => {
      await send('DeleteItem', { Key: keyOf(item) });
    },
    async putAndDelete(items) {
      await writeInBatches(items.map((Item) => ({ PutRequest: { Item } })));
      await writeInBatches(items.map((item) => ({ DeleteRequest: { Key: keyOf(item) } })));
    },
    async records() {
      const StreamArn = await latestStream();
      const { StreamDescription } = await ask<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
        'DescribeStream',
        { StreamArn },
      );
      const records: ChangeRecord[] = [];
      for (const { ShardId } of StreamDescription.Shards) {
        const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
        let { ShardIterator } = await ask<{ ShardIterator?: string }>('GetShardIterator', start);
        for (let more = true; more && ShardIterator !== undefined; ) {
          const page: { Records: ChangeRecord[]; NextShardIterator?: string } = await ask('GetRecords', {
            ShardIterator,
          });
          records.push(...page.Records);
          more = page.Records.length > 0;
          ShardIterator = page.NextShardIterator;
        }
      }
      return records;
    },
    drop: async () => {
      await send('DeleteTable', {});
    },
  };
}
