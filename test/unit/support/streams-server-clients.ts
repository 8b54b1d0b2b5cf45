import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { onTestFinished } from 'vitest';
import type { WireItem } from '../../../src/ports/index.js';
import { StreamModel, type StreamsServerOptions, startStreamsServer } from '../../support/streams-server.js';

/** A server with a table `T`, the real SDK's clients (one try a call), and the calls that the tests make with them. */
export async function served(options: Partial<StreamsServerOptions> & { shards?: number; accessKeyId?: string } = {}) {
  const { shards: count = 1, accessKeyId = 'key', model = new StreamModel() } = options;
  const { StreamArn, shards } = model.createTable({ TableName: 'T', shards: count });
  const server = await startStreamsServer({ ...options, model });
  const config = {
    endpoint: server.endpointUrl,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  };
  const streams = new DynamoDBStreamsClient(config);
  const tables = new DynamoDBClient(config);
  onTestFinished(async () => {
    streams.destroy();
    tables.destroy();
    await server.close();
  });
  const [ShardId = ''] = shards;

  async function describe(extra: { ShardFilter?: { Type: 'CHILD_SHARDS'; ShardId: string } } = {}): Promise<Shard[]> {
    const listed: Shard[] = [];
    let ExclusiveStartShardId: string | undefined;
    do {
      const input = { StreamArn, ...extra, ...(ExclusiveStartShardId !== undefined && { ExclusiveStartShardId }) };
      const { StreamDescription } = await streams.send(new DescribeStreamCommand(input));
      listed.push(...(StreamDescription?.Shards ?? []));
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
    } while (ExclusiveStartShardId !== undefined);
    return listed;
  }

  async function iterator(shard = ShardId, start: 'TRIM_HORIZON' | 'LATEST' | { after: string } = 'TRIM_HORIZON') {
    const answer = await streams.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: shard,
        ShardIteratorType: typeof start === 'string' ? start : 'AFTER_SEQUENCE_NUMBER',
        ...(typeof start === 'object' && { SequenceNumber: start.after }),
      }),
    );
    return answer.ShardIterator ?? '';
  }

  const getRecords = (ShardIterator: string, Limit?: number): Promise<GetRecordsOutput> =>
    streams.send(new GetRecordsCommand({ ShardIterator, ...(Limit !== undefined && { Limit }) }));

  /** Sizes of all pages from an iterator on: to the shard's end, or so many. */
  async function pageSizes(from: string, most = Infinity): Promise<number[]> {
    const sizes: number[] = [];
    let next: string | undefined = from;
    while (next !== undefined && sizes.length < most) {
      const page: GetRecordsOutput = await getRecords(next);
      sizes.push(page.Records?.length ?? Number.NaN);
      next = page.NextShardIterator;
    }
    return sizes;
  }

  /** GetRecords without the SDK. */
  const fetchRecords = (ShardIterator: string, init: RequestInit = {}): Promise<Response> =>
    fetch(server.endpointUrl, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDBStreams_20120810.GetRecords' },
      body: JSON.stringify({ ShardIterator }),
      ...init,
    });

  return {
    server,
    model,
    streams,
    tables,
    StreamArn,
    shards,
    ShardId,
    describe,
    iterator,
    getRecords,
    pageSizes,
    fetchRecords,
  };
}

export const item = (key: string): WireItem => ({ PK: { S: key }, ttl: { N: '1795446313' } });
