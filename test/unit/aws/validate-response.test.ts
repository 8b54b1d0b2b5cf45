import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createTablesClient } from '../../../src/aws/tables-client.js';
import type { StreamsClient, TablesClient } from '../../../src/ports/index.js';
import { type AwsEndpoint, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';

let endpoint: AwsEndpoint;
let streams: StreamsClient;
let tables: TablesClient;
let json: unknown;

beforeAll(async () => {
  endpoint = await startAwsEndpoint((_call, response) => answerJson(response, json));
  streams = createStreamsClient({ endpointUrl: endpoint.url });
  tables = createTablesClient({ endpointUrl: endpoint.url });
});

afterAll(async () => {
  streams.close();
  tables.close();
  await endpoint.close();
});

const dynamodb = { Keys: { PK: { S: 'k' } }, SequenceNumber: '1' };
const record = { eventID: 'e', eventName: 'REMOVE', dynamodb };
const shard = { ShardId: 's', SequenceNumberRange: { StartingSequenceNumber: '1' } };
const description = { StreamArn: 'arn', StreamStatus: 'ENABLED', Shards: [shard] };
const table = {
  TableName: 'T',
  TableArn: 'arn',
  TableStatus: 'ACTIVE',
  AttributeDefinitions: [
    { AttributeName: 'b', AttributeType: 'N' },
    { AttributeName: 'a', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'b', KeyType: 'RANGE' },
    { AttributeName: 'a', KeyType: 'HASH' },
  ],
};

const getRecords = () => streams.getRecords({ ShardIterator: 'it' });
const describeStream = () => streams.describeStream({ StreamArn: 'arn' });
const getIterator = (start: 'LATEST' | { after: string }) =>
  streams.getShardIterator({ StreamArn: 'arn', ShardId: 's', start });

describe('getRecords', () => {
  it('accepts the last page of a closed shard', async () => {
    json = { Records: [{ ...record, userIdentity: null }], NextShardIterator: null };
    const page = await getRecords();
    expect(page.Records).toHaveLength(1);
    expect(page).not.toHaveProperty('NextShardIterator');
  });

  it.each([
    {},
    { Records: null },
    { Records: {} },
    { Records: [null] },
    { Records: ['x'] },
    { Records: [{ ...record, eventName: 1 }] },
    { Records: [{ ...record, eventID: undefined }] },
    { Records: [{ ...record, userIdentity: 'me' }] },
    { Records: [{ ...record, dynamodb: null }] },
    { Records: [record, { ...record, dynamodb: { ...dynamodb, SequenceNumber: undefined } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, SequenceNumber: '' } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, SequenceNumber: '0x1f' } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, SequenceNumber: '9'.repeat(41) } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, Keys: undefined } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, Keys: { PK: null } } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, OldImage: [] } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, OldImage: { a: 'text' } } }] },
    { Records: [{ ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: 1e300 } }] },
    { Records: [], NextShardIterator: '' },
    { Records: [], NextShardIterator: 7 },
  ])('rejects %j', async (answer) => {
    json = answer;
    await expect(getRecords()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('describeStream', () => {
  it('returns the shards', async () => {
    json = { StreamDescription: { ...description, LastEvaluatedShardId: 's', CreationRequestDateTime: 1.5 } };
    expect(await describeStream()).toStrictEqual({ ...description, LastEvaluatedShardId: 's' });
  });

  it.each([
    undefined,
    { ...description, Shards: undefined },
    { ...description, Shards: {} },
    { ...description, Shards: [null] },
    { ...description, Shards: [{ ...shard, ShardId: 1 }] },
    { ...description, Shards: [{ ...shard, ParentShardId: 1 }] },
    { ...description, Shards: [{ ...shard, SequenceNumberRange: 'x' }] },
    { ...description, Shards: [{ ...shard, SequenceNumberRange: { EndingSequenceNumber: 'x' } }] },
    { ...description, StreamArn: undefined },
    { ...description, StreamStatus: 1 },
    { ...description, LastEvaluatedShardId: 1 },
  ])('rejects %j', async (answer) => {
    json = { StreamDescription: answer };
    await expect(describeStream()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('getShardIterator', () => {
  it('starts after a SequenceNumber, or at a named place', async () => {
    json = { ShardIterator: 'it' };
    expect(await getIterator({ after: '7' })).toBe('it');
    await getIterator('LATEST');
    expect(endpoint.calls.slice(-2).map(({ text }) => JSON.parse(text) as unknown)).toStrictEqual([
      { StreamArn: 'arn', ShardId: 's', ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '7' },
      { StreamArn: 'arn', ShardId: 's', ShardIteratorType: 'LATEST' },
    ]);
  });

  it.each([{}, { ShardIterator: null }, { ShardIterator: '' }, { ShardIterator: 1 }])('rejects %j', async (answer) => {
    json = answer;
    await expect(getIterator('LATEST')).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('listStreams', () => {
  it('returns the streams of one page', async () => {
    const Streams = [{ StreamArn: 'arn-1' }, { StreamArn: 'arn-2' }];
    json = { Streams: Streams.map((stream) => ({ ...stream, TableName: 'T' })), LastEvaluatedStreamArn: 'arn-2' };
    const page = await streams.listStreams({ TableName: 'T', ExclusiveStartStreamArn: 'arn-0' });
    expect(page).toStrictEqual({ Streams, LastEvaluatedStreamArn: 'arn-2' });
    expect(JSON.parse(endpoint.calls.at(-1)?.text ?? '')).toStrictEqual({
      TableName: 'T',
      ExclusiveStartStreamArn: 'arn-0',
    });
    json = { Streams: [], LastEvaluatedStreamArn: null };
    expect(await streams.listStreams({ TableName: 'T' })).toStrictEqual({ Streams: [] });
  });

  it.each([
    {},
    { Streams: null },
    { Streams: [null] },
    { Streams: ['arn'] },
    { Streams: [{ TableName: 'T' }] },
    { Streams: [{ StreamArn: 1 }] },
    { Streams: [], LastEvaluatedStreamArn: 1 },
  ])('rejects %j', async (answer) => {
    json = answer;
    await expect(streams.listStreams({ TableName: 'T' })).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('createTablesClient', () => {
  it('scans for one attribute, and returns what was sent', async () => {
    const items = [{ ttl: { N: '1.0' } }, {}];
    json = { Items: items, Count: 2 };
    expect(await tables.scan({ TableName: 'T', attribute: 'ttl', limit: 2 })).toStrictEqual(items);
  });

  it.each([{}, { Items: null }, { Items: {} }, { Items: [null] }, { Items: [{ ttl: '1' }] }])(
    'refuses the page of a Scan %j',
    async (answer) => {
      json = answer;
      const scanning = tables.scan({ TableName: 'T', attribute: 'ttl', limit: 2 });
      await expect(scanning).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
    },
  );

  it('describes a table, hash key first', async () => {
    json = { Table: { ...table, StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' } } };
    expect(await tables.describeTable('T')).toStrictEqual({
      TableName: 'T',
      TableArn: 'arn',
      TableStatus: 'ACTIVE',
      keySchema: [
        { name: 'a', keyType: 'HASH', type: 'S' },
        { name: 'b', keyType: 'RANGE', type: 'N' },
      ],
      stream: { enabled: true, viewType: 'OLD_IMAGE' },
    });
  });

  it.each([
    {},
    { ...table, KeySchema: undefined },
    { ...table, KeySchema: [null] },
    { ...table, AttributeDefinitions: [] },
  ])('refuses the table %j', async (answer) => {
    json = { Table: answer };
    await expect(tables.describeTable('T')).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it('rejects an item that is not one', async () => {
    json = { Item: { a: 'x' } };
    await expect(tables.getItem({ TableName: 'T', key: {} })).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it('creates an on-demand table with its stream', async () => {
    json = {};
    const keySchema = [{ name: 'PK', keyType: 'HASH', type: 'S' }] as const;
    await tables.createTable({ TableName: 'T', keySchema, viewType: 'OLD_IMAGE' });
    expect(JSON.parse(endpoint.calls.at(-1)?.text ?? '')).toStrictEqual({
      TableName: 'T',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
    });
  });
});
