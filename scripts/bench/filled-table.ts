import { setTimeout as delay } from 'node:timers/promises';
import { startDynamoDbLocal } from '../../src/local/dynamodb-local.js';
import { keyAt, type Shape, USUAL } from './shapes.js';

export interface FilledTable {
  readonly endpointUrl: string;
  readonly TableName: string;
  readonly StreamArn: string;
  readonly records: number;
  stop(): Promise<void>;
}

const BATCH = 25;
const AT_ONCE = 8;

/**
 * DynamoDB Local with a table whose stream holds `records` changes: each item is put and then deleted by hand. Between the
 * two, `afterPuts` may do something with it.
 */
export async function startFilledTable(
  records: number,
  { shape = USUAL, afterPuts }: { shape?: Shape; afterPuts?: (table: FilledTable) => Promise<void> } = {},
): Promise<FilledTable> {
  const local = await startDynamoDbLocal({ javaOptions: [] });
  const { endpointUrl } = local;
  const TableName = 'Bench';
  const call = async (operation: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(endpointUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ TableName, ...body }),
    });
    if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  try {
    const { TableDescription } = await call('CreateTable', {
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: shape.viewType },
    });
    // No TTL: its worker would delete by itself.
    const { LatestStreamArn: StreamArn } = JSON.parse(JSON.stringify(TableDescription));
    const numbers = Array.from({ length: records / 2 }, (_, number) => number);
    await writeBatches(call, numbers, (number) => ({ PutRequest: { Item: shape.itemAt(number) } }));
    const table = { endpointUrl, TableName, StreamArn, records, stop: () => local.stop() };
    await afterPuts?.(table);
    await writeBatches(call, numbers, (number) => ({ DeleteRequest: { Key: keyAt(number) } }));
    // Let the server compile what it has just learned, away from the first run.
    await delay(1000);
    return table;
  } catch (error) {
    await local.stop();
    throw error;
  }
}

async function writeBatches(
  call: (operation: string, body: object) => Promise<unknown>,
  numbers: readonly number[],
  request: (number: number) => object,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < numbers.length) {
      const batch = numbers.slice(next, next + BATCH);
      next += BATCH;
      await call('BatchWriteItem', { TableName: undefined, RequestItems: { Bench: batch.map(request) } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
