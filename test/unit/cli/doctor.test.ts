import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import type { DoctorCheck } from '../../../src/table/doctor-check.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { type AwsEndpoint, answerError, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';
import { fakeIo } from '../../support/fake-io.js';

const folder = temporaryFolders();

const ANSWERS: Readonly<Record<string, object>> = {
  DescribeTable: {
    Table: {
      TableName: 'T',
      TableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/T',
      TableStatus: 'ACTIVE',
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      LatestStreamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/1',
    },
  },
  DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } },
  DescribeStream: { StreamDescription: { StreamArn: 's', StreamStatus: 'ENABLED', Shards: [{ ShardId: 'shard' }] } },
  GetShardIterator: { ShardIterator: 'iterator' },
  GetRecords: { Records: [], NextShardIterator: 'next' },
  ListStreams: { Streams: [] },
  Scan: { Items: [{ ttl: { N: '4000000000' } }] },
};

let endpoint: AwsEndpoint;
/** Answers a call in another way; true when it did. */
let spoil: (operation: string, response: ServerResponse) => boolean;
let headers: object;

beforeEach(async () => {
  spoil = () => false;
  headers = {};
  endpoint = await startAwsEndpoint(({ operation }, response) => {
    if (!spoil(operation, response)) answerJson(response, ANSWERS[operation], 200, headers);
  });
});

afterEach(async () => {
  await endpoint.close();
});

async function run(...more: string[]) {
  const io = fakeIo({ cwd: await folder() });
  const argv = ['doctor', '--table', 'T', '--endpoint-url', endpoint.url, '--region', 'eu-west-1', '--json', ...more];
  const status = await runProgram(argv, io);
  const checks: DoctorCheck[] = io
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { status, checks };
}

describe('runDoctor', () => {
  it('exits with 0 when nothing prevents archiving', async () => {
    const { status, checks } = await run();
    expect(status).toBe(0);
    expect(checks.filter(({ result }) => result === 'warn' || result === 'fail')).toEqual([]);
    expect(endpoint.calls.map(({ operation }) => operation).toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
  });

  it.each([
    ['DescribeTable', 4],
    ['DescribeTimeToLive', 4],
    ['DescribeStream', 4],
    ['GetShardIterator', 4],
    ['GetRecords', 4],
    ['ListStreams', 0],
    ['Scan', 0],
  ])('names the action when AWS denies %s, and exits with %d', async (denied, expected) => {
    spoil = (operation, response) => {
      if (operation !== denied) return false;
      const message = `User: u\u001b[31m is not authorized to perform: dynamodb:${denied} on resource: r`;
      answerError(response, 'AccessDeniedException', message);
      return true;
    };
    const { status, checks } = await run();
    expect(status).toBe(expected);
    const permission = checks.find(({ check }) => check === `permission.${denied}`);
    expect(permission).toMatchObject({
      result: expected === 0 ? 'warn' : 'fail',
      says: expect.stringMatching(new RegExp(`^AWS denies dynamodb:${denied} `)),
      remedy: expect.stringContaining(`Allow dynamodb:${denied} `),
    });
    const policy = `ttl-archive doctor --iam-policy --table T --endpoint-url ${endpoint.url} --region eu-west-1`;
    // Without an ARN, printing the policy needs DescribeTable itself.
    expect(permission?.commands).toEqual(denied === 'DescribeTable' ? undefined : [policy]);
  });

  it('checks the archive folder also when the table is missing', async () => {
    spoil = (_, response) => {
      answerError(response, 'ResourceNotFoundException', 'no such table');
      return true;
    };
    const { status, checks } = await run();
    expect(status).toBe(3);
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['table', 'archive', 'archive.folder', 'node']),
    );
  });

  it('checks the archive folder and the versions also when nothing answers', async () => {
    await endpoint.close();
    const { status, checks } = await run();
    expect(status).toBe(11);
    expect(checks[0]).toMatchObject({
      check: 'connection',
      result: 'fail',
      code: 'NETWORK',
      remedy: expect.any(String),
    });
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['archive', 'archive.folder', 'archive.space', 'node', 'sdk', 's3-sdk', 'dynamodb-local']),
    );
  });

  it('sees a clock that differs by an hour', async () => {
    headers = { date: new Date(Date.now() - 3_600_000).toUTCString() };
    const { status, checks } = await run();
    expect(status).toBe(0);
    expect(checks.find(({ check }) => check === 'clock')).toMatchObject({
      result: 'warn',
      says: expect.stringMatching(/^This machine's clock is 36\d\d seconds ahead of AWS's\.$/),
    });
  });

  it('asks for nothing but the TTL attribute, of at most 100 items', async () => {
    await run();
    const scan = endpoint.calls.find(({ operation }) => operation === 'Scan');
    expect(JSON.parse(scan?.text ?? '')).toEqual({
      TableName: 'T',
      Limit: 100,
      ProjectionExpression: '#a',
      ExpressionAttributeNames: { '#a': 'ttl' },
    });
  });

  it('makes no Scan with --no-scan', async () => {
    await run('--no-scan');
    expect(endpoint.calls.map(({ operation }) => operation)).not.toContain('Scan');
  });
});
