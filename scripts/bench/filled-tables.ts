import { setTimeout as delay } from 'node:timers/promises';
import { startDynamoDbLocal } from '../../src/local/dynamodb-local.js';
import { PROGRAMS, runToEnd } from './processes.js';
import { keyAt, type Shape, USUAL } from './shapes.js';

export interface FilledTables {
  readonly endpointUrl: string;
  readonly TableNames: readonly string[];
  readonly StreamArns: readonly string[];
  /** In all streams together. */
  readonly records: number;
  stop(): Promise<void>;
}

const BATCH = 25;
const AT_ONCE = 8;

interface Filling {
  readonly shape?: Shape;
  /** How many tables share the changes. */
  readonly count?: number;
  /** Called when the items are put and not yet deleted. */
  readonly afterPuts?: (tables: FilledTables) => Promise<void>;
}

/** DynamoDB Local with tables whose streams hold about `changes` changes: each item is put and then deleted by hand. */
export async function startFilledTables(
  changes: number,
  { shape = USUAL, count = 1, afterPuts }: Filling = {},
): Promise<FilledTables> {
  const local = await startDynamoDbLocal({ javaOptions: [] });
  const { endpointUrl } = local;
  const call = async (operation: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(endpointUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  try {
    const TableNames = Array.from({ length: count }, (_, number) => `Bench${number}`);
    const StreamArns: string[] = [];
    for (const TableName of TableNames) {
      const { TableDescription } = await call('CreateTable', {
        TableName,
        KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: shape.viewType },
      });
      // No TTL: its worker would delete by itself.
      const { LatestStreamArn } = JSON.parse(JSON.stringify(TableDescription));
      StreamArns.push(LatestStreamArn);
    }
    const items = Math.floor(changes / count / 2);
    const write = (request: (number: number) => object) => writeBatches(call, { TableNames, items, request });
    await write((number) => ({ PutRequest: { Item: shape.itemAt(number) } }));
    const records = items * 2 * count;
    const tables = { endpointUrl, TableNames, StreamArns, records, stop: () => local.stop() };
    await afterPuts?.(tables);
    await write((number) => ({ DeleteRequest: { Key: keyAt(number) } }));
    // The first reader finds a server whose code for reading is not compiled: it would pay for all others.
    await runToEnd(process.execPath, [PROGRAMS.httpLoop, endpointUrl, StreamArns.join(), String(records)]);
    await delay(1000);
    return tables;
  } catch (error) {
    await local.stop();
    throw error;
  }
}

/**
 * Writes `items` items into each table, in turns: DynamoDB Local looks at a shard's oldest record at each write, and finds it
 * only after all older ones of other tables.
 */
async function writeBatches(
  call: (operation: string, body: object) => Promise<unknown>,
  { TableNames, items, request }: { TableNames: readonly string[]; items: number; request: (number: number) => object },
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < items) {
      const from = next;
      next += BATCH;
      // Made when it is sent: all together they need more memory than there is.
      const batch = Array.from({ length: Math.min(BATCH, items - from) }, (_, index) => request(from + index));
      for (const TableName of TableNames) await call('BatchWriteItem', { RequestItems: { [TableName]: batch } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
