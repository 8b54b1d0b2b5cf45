import { crc32 } from 'node:zlib';
import { DescribeTableCommand, DescribeTimeToLiveCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it } from 'vitest';
import {
  insert,
  manualDelete,
  modify,
  replicatedTtlDelete,
  StreamModel,
  ttlDelete,
  unknownEvent,
} from '../../support/streams-server.js';
import { item, served } from './streams-server-clients.js';

describe('startStreamsServer', () => {
  it('resolves a table, its TTL and its streams', async () => {
    const { tables, streams, StreamArn, model, iterator, pageSizes } = await served();
    const { Table } = await tables.send(new DescribeTableCommand({ TableName: 'T' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      LatestStreamArn: StreamArn,
    });
    const ttl = await tables.send(new DescribeTimeToLiveCommand({ TableName: 'T' }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    expect((await tables.send(new ListTablesCommand({}))).TableNames).toEqual(['T']);
    const missing = tables.send(new DescribeTableCommand({ TableName: 'no' }));
    await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

    model.disableStream('T');
    expect(await pageSizes(await iterator())).toEqual([0]);
    const disabled = await tables.send(new DescribeTableCommand({ TableName: 'T' }));
    expect(disabled.Table?.StreamSpecification).toBeUndefined();
    expect(disabled.Table?.LatestStreamArn).toBe(StreamArn);
    const { StreamArn: second } = model.enableStream('T');
    const { StreamArn: third } = model.recreateTable({ TableName: 'T' });
    const listed = await streams.send(new ListStreamsCommand({ TableName: 'T' }));
    expect(listed.Streams?.map((stream) => stream.StreamArn)).toEqual([StreamArn, second, third]);
    expect(new Set([StreamArn, second, third]).size).toBe(3);
  });

  it('sends each kind of record as the service does', async () => {
    const { model, ShardId, iterator, getRecords } = await served();
    const changes = [ttlDelete, manualDelete, replicatedTtlDelete, insert, unknownEvent].map((make) => make(item('é')));
    const put = model.put(ShardId, ...changes, modify(item('é'), item('é')));
    const { Records = [] } = await getRecords(await iterator());
    expect(Records.map((record) => record.eventName)).toEqual([
      'REMOVE',
      'REMOVE',
      'REMOVE',
      'INSERT',
      'UNKNOWN_TO_SDK_VERSION',
      'MODIFY',
    ]);
    expect(Records.map((record) => record.userIdentity?.PrincipalId)).toEqual([
      'dynamodb.amazonaws.com',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(Records.map((record) => record.dynamodb?.OldImage?.['PK']?.S)).toEqual(['é', 'é', 'é', undefined, 'é', 'é']);
    expect(Records.every((record) => record.dynamodb?.Keys?.['PK']?.S === 'é')).toBe(true);
    expect(Records.map((record) => record.eventID)).toEqual(put.map((record) => record.eventID));
  });

  it('sends a checksum, a request id and byte for byte what was put', async () => {
    const { model, ShardId, iterator, fetchRecords } = await served();
    const put = model.put(ShardId, ttlDelete({ PK: { S: 'x' }, ttl: { N: '1.0' }, b: { B: 'AAEC' } }));
    const response = await fetchRecords(await iterator());
    const body = Buffer.from(await response.arrayBuffer());
    expect(Number(response.headers.get('x-amz-crc32'))).toBe(crc32(body));
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.toString()).toContain(put[0]?.json);
  });

  it('numbers records so that only BigInt orders them', async () => {
    const { model, ShardId } = await served();
    const put = model.put(ShardId, ...Array.from({ length: 100 }, (_, index) => ttlDelete(item(String(index)))));
    const numbers = put.map((record) => record.SequenceNumber);
    expect(new Set(numbers.map((number) => number.length))).toEqual(new Set([21, 22, 23]));
    expect(numbers.every((number, index) => index === 0 || BigInt(number) > BigInt(numbers[index - 1] ?? 0))).toBe(
      true,
    );
    expect(numbers.toSorted()).not.toEqual(numbers);
    expect(new Set(put.map((record) => record.eventID)).size).toBe(100);
  });

  it('behaves as DynamoDB Local when the region is ddblocal', async () => {
    const { model, ShardId, StreamArn, iterator } = await served({ model: new StreamModel({ region: 'ddblocal' }) });
    expect(StreamArn).toContain(':ddblocal:');
    const [put] = model.put(ShardId, { ...ttlDelete(item('a')), at: 61_500 });
    expect(put?.SequenceNumber).toMatch(/^0+1$/);
    expect(put?.json).toContain('"ApproximateCreationDateTime":60,');
    const past = iterator(ShardId, { after: String(99).padStart(21, '0') });
    await expect(past).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('counts calls by operation and by shard, and how many were under way at once', async () => {
    const { server, shards, iterator, getRecords } = await served({ shards: 2, latencyMs: 30, log: true });
    const iterators = await Promise.all(shards.map((shard) => iterator(shard)));
    const start = performance.now();
    await Promise.all(iterators.map((one) => getRecords(one)));
    expect(performance.now() - start).toBeGreaterThan(28);
    expect(server.calls.count('GetRecords')).toBe(2);
    expect(server.calls.count('GetRecords', shards[1])).toBe(1);
    expect(server.calls.count('GetShardIterator')).toBe(2);
    expect(server.calls.maxInFlight).toBe(2);
    expect(server.calls.maxRate('GetRecords', 1000)).toBe(2);
    expect(server.calls.entries.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('throttles calls and readers beyond its limits', async () => {
    let now = 1_000_000;
    const settings = { getRecordsPerShardPerSecond: 2, describeStreamPerSecond: 1 };
    const {
      describe: list,
      iterator,
      getRecords,
      server,
    } = await served({
      model: new StreamModel({ now: () => now, settings }),
    });
    const one = await iterator();
    await getRecords(one);
    await getRecords(one);
    await expect(getRecords(one)).rejects.toMatchObject({ name: 'LimitExceededException' });
    await list();
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
    now += 1000;
    await list();
    server.readersPerShard = 1;
    server.latencyMs = 30;
    const both = await Promise.allSettled([getRecords(one), getRecords(one)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});
