import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createTablesClient } from '../../../src/aws/tables-client.js';
import { TtlArchiveError } from '../../../src/errors.js';
import type { RecordsPage, StreamsClient, TablesClient } from '../../../src/ports/index.js';
import { type AwsEndpoint, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';
import { pageFacts } from '../../support/page-facts.js';

let endpoint: AwsEndpoint;
let streams: StreamsClient;
let tables: TablesClient;
let answer: unknown;
let status = 200;

beforeAll(async () => {
  endpoint = await startAwsEndpoint((_call, response) => answerJson(response, answer, status));
  streams = createStreamsClient({ endpointUrl: endpoint.url });
  tables = createTablesClient({ endpointUrl: endpoint.url });
});

afterAll(async () => {
  streams.close();
  tables.close();
  await endpoint.close();
});

type Path = readonly (string | number)[];

/** The response to each call, and the members that the program relies on. */
const CALLS: { readonly [operation: string]: { call: () => Promise<unknown>; whole: object; members: string[] } } = {
  GetRecords: {
    call: () => streams.getRecords({ ShardIterator: 'it' }),
    whole: {
      NextShardIterator: 'next',
      Records: [
        {
          eventID: 'e',
          eventName: 'REMOVE',
          awsRegion: 'us-east-1',
          userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
          dynamodb: {
            ApproximateCreationDateTime: 1795446300,
            Keys: { PK: { S: 'k' } },
            OldImage: { PK: { S: 'k' } },
            NewImage: { PK: { S: 'k' } },
            SequenceNumber: '1',
            SizeBytes: 3,
            StreamViewType: 'OLD_IMAGE',
          },
        },
      ],
    },
    members: [
      'Records',
      'NextShardIterator',
      'Records.0.eventID',
      'Records.0.eventName',
      'Records.0.awsRegion',
      'Records.0.userIdentity',
      'Records.0.userIdentity.Type',
      'Records.0.userIdentity.PrincipalId',
      'Records.0.dynamodb',
      'Records.0.dynamodb.ApproximateCreationDateTime',
      'Records.0.dynamodb.Keys',
      'Records.0.dynamodb.OldImage',
      'Records.0.dynamodb.NewImage',
      'Records.0.dynamodb.SequenceNumber',
      'Records.0.dynamodb.SizeBytes',
      'Records.0.dynamodb.StreamViewType',
    ],
  },
  DescribeStream: {
    call: () => streams.describeStream({ StreamArn: 'arn' }),
    whole: {
      StreamDescription: {
        StreamArn: 'arn',
        StreamStatus: 'ENABLED',
        StreamViewType: 'OLD_IMAGE',
        CreationRequestDateTime: 1.5,
        TableName: 'T',
        LastEvaluatedShardId: 's',
        Shards: [
          {
            ShardId: 's',
            ParentShardId: 'p',
            SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '2' },
          },
        ],
      },
    },
    members: [
      'StreamDescription',
      'StreamDescription.StreamArn',
      'StreamDescription.StreamStatus',
      'StreamDescription.StreamViewType',
      'StreamDescription.CreationRequestDateTime',
      'StreamDescription.TableName',
      'StreamDescription.LastEvaluatedShardId',
      'StreamDescription.Shards',
      'StreamDescription.Shards.0.ShardId',
      'StreamDescription.Shards.0.ParentShardId',
      'StreamDescription.Shards.0.SequenceNumberRange',
      'StreamDescription.Shards.0.SequenceNumberRange.StartingSequenceNumber',
      'StreamDescription.Shards.0.SequenceNumberRange.EndingSequenceNumber',
    ],
  },
  GetShardIterator: {
    call: () => streams.getShardIterator({ StreamArn: 'arn', ShardId: 's', start: 'TRIM_HORIZON' }),
    whole: { ShardIterator: 'it' },
    members: ['ShardIterator'],
  },
  ListStreams: {
    call: () => streams.listStreams({ TableName: 'T' }),
    whole: { Streams: [{ StreamArn: 'arn', TableName: 'T' }], LastEvaluatedStreamArn: 'arn' },
    members: ['Streams', 'Streams.0.StreamArn', 'Streams.0.TableName', 'LastEvaluatedStreamArn'],
  },
  DescribeTable: {
    call: () => tables.describeTable('T'),
    whole: {
      Table: {
        TableName: 'T',
        TableArn: 'arn',
        TableStatus: 'ACTIVE',
        ItemCount: 1,
        LatestStreamArn: 'stream',
        AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      },
    },
    members: [
      'Table',
      'Table.TableName',
      'Table.TableArn',
      'Table.TableStatus',
      'Table.ItemCount',
      'Table.LatestStreamArn',
      'Table.AttributeDefinitions',
      'Table.AttributeDefinitions.0.AttributeName',
      'Table.AttributeDefinitions.0.AttributeType',
      'Table.KeySchema',
      'Table.KeySchema.0.AttributeName',
      'Table.KeySchema.0.KeyType',
      'Table.StreamSpecification',
      'Table.StreamSpecification.StreamEnabled',
      'Table.StreamSpecification.StreamViewType',
    ],
  },
  DescribeTimeToLive: {
    call: () => tables.describeTimeToLive('T'),
    whole: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } },
    members: ['TimeToLiveDescription', 'TimeToLiveDescription.TimeToLiveStatus', 'TimeToLiveDescription.AttributeName'],
  },
  GetItem: {
    call: () => tables.getItem({ TableName: 'T', key: { PK: { S: 'k' } } }),
    whole: { Item: { PK: { S: 'k' } } },
    members: ['Item'],
  },
};

/** What the caller gets, without the size of the response, which differs; of an error, its code. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  const result = await call().catch((error: unknown) => {
    if (error instanceof TtlArchiveError) return { error: error.code, message: error.message };
    throw error;
  });
  return isPage(result) ? pageFacts(result) : result;
}

function isPage(result: unknown): result is RecordsPage {
  return typeof result === 'object' && result !== null && 'Records' in result;
}

/** The response with one member changed: null, or absent. */
function changed(whole: object, path: Path, how: 'null' | 'absent'): unknown {
  const copy: unknown = structuredClone(whole);
  let holder = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (how === 'null') holder[last] = null;
  else delete holder[last];
  return copy;
}

const CASES = Object.entries(CALLS).flatMap(([operation, { members }]) =>
  members.map((member): [string, string] => [operation, member]),
);

describe('null', () => {
  it.each(CASES)('is absent: %s %s', async (operation, member) => {
    const { call, whole } = CALLS[operation] ?? { call: async () => undefined, whole: {} };
    const path = member.split('.').map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    answer = changed(whole, path, 'absent');
    const absent = await outcome(call);
    answer = changed(whole, path, 'null');
    expect(await outcome(call)).toStrictEqual(absent);
  });

  it.each(['message', '__type'])('is absent in an error: %s', async (member) => {
    const error = { __type: 'com.amazonaws.dynamodb.v20120810#ExpiredIteratorException', message: 'old' };
    status = 400;
    try {
      const outcomes = [];
      for (const how of ['absent', 'null'] as const) {
        answer = changed(error, [member], how);
        outcomes.push(await outcome(() => streams.getRecords({ ShardIterator: 'it' })));
      }
      expect(outcomes[1]).toMatchObject({ error: (outcomes[0] as { error: string }).error });
    } finally {
      status = 200;
    }
  });

  it('stays in what the format `record` archives', async () => {
    const record = {
      eventID: 'e',
      eventName: 'REMOVE',
      userIdentity: null,
      dynamodb: { NewImage: null, Keys: { PK: { S: 'k' } }, OldImage: { PK: { S: 'k' } }, SequenceNumber: '1' },
    };
    answer = { Records: [record] };
    const { Records } = await streams.getRecords({ ShardIterator: 'it' });
    expect(JSON.stringify(Records[0])).toBe(JSON.stringify(record));
    expect(Records[0]).not.toHaveProperty('userIdentity');
    expect(Records[0]?.dynamodb).not.toHaveProperty('NewImage');
  });

  it('costs nothing where there is none: a valid page is not parsed', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      answer = CALLS['GetRecords']?.whole;
      await streams.getRecords({ ShardIterator: 'it' });
      expect(parse).not.toHaveBeenCalledWith(expect.stringContaining('"Records"'));
      answer = changed(CALLS['GetRecords']?.whole ?? {}, ['Records', 0, 'awsRegion'], 'null');
      await streams.getRecords({ ShardIterator: 'it' });
      expect(parse).toHaveBeenCalledWith(expect.stringContaining('"Records"'));
    } finally {
      parse.mockRestore();
    }
  });
});
