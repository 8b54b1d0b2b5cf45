import { describe, expect, it } from 'vitest';
import { type ErrorCode, TtlArchiveError } from '../../../src/errors.js';
import type { StreamsClient, TablesClient } from '../../../src/ports/index.js';
import { doctor } from '../../../src/table/doctor.js';
import { parseKeySchema } from '../../../src/table/key-schema.js';
import { machineTime } from '../../support/machine-time.js';
import { memoryTables } from '../../support/memory-tables.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const STREAMS: StreamsClient = {
  describeStream: async ({ StreamArn }) => ({ StreamArn, StreamStatus: 'ENABLED', Shards: [{ ShardId: 'shardId-1' }] }),
  getShardIterator: async () => 'iterator',
  getRecords: async () => ({ Records: [], bytes: 2 }),
  listStreams: async () => ({ Streams: [] }),
  getRecordsCalls: 0,
  close: () => undefined,
};

interface BenchOptions {
  viewType?: string;
  ttl?: boolean;
  scan?: boolean;
  streams?: Partial<StreamsClient>;
  tables?: Partial<TablesClient>;
}

function failing(code: ErrorCode, message = `It fails with ${code}.`): () => Promise<never> {
  return () => Promise.reject(new TtlArchiveError(code, message, { remedy: 'Fix it.' }));
}

async function bench({ viewType = 'OLD_IMAGE', ttl = true, scan = true, streams = {}, ...spoilt }: BenchOptions = {}) {
  const tables = memoryTables({ transientCalls: 0 });
  await tables.createTable({ TableName: 'T', keySchema: parseKeySchema('PK'), viewType });
  if (ttl) await tables.updateTimeToLive({ TableName: 'T', attribute: 'ttl' });
  const clock = simulatedClock();
  const context = {
    tables: { ...tables, ...spoilt.tables },
    streams: { ...STREAMS, ...streams },
    clock,
    awsTime: { now: () => clock.now(), isKnown: true, isDoubtful: false },
  };
  const checks = () => doctor(context, { table: 'T', scan });
  const outcome = async () => (await checks()).map(({ check, result }) => `${check} ${result}`);
  const only = async (name: string) => (await checks()).find(({ check }) => check === name);
  return { tables, context, clock, checks, outcome, only };
}

describe('doctor', () => {
  it('reports a table that can be archived', async () => {
    const { outcome, tables } = await bench();
    await tables.putItem({ TableName: 'T', item: { PK: { S: 'a' }, ttl: { N: '4000000000' } } });
    expect(await outcome()).toEqual([
      'table ok',
      'stream ok',
      'ttl ok',
      'items ok',
      'readers note',
      'clock ok',
      'permission.DescribeTable ok',
      'permission.DescribeTimeToLive ok',
      'permission.Scan ok',
      'permission.DescribeStream ok',
      'permission.GetShardIterator ok',
      'permission.GetRecords ok',
      'permission.ListStreams ok',
      'permission.PutItem note',
      'permission.GetItem note',
    ]);
  });

  it('reports a missing table, and checks nothing else of it', async () => {
    const { tables, checks } = await bench();
    tables.byName.clear();
    const [table, ...others] = await checks();
    expect(table).toEqual({
      check: 'table',
      result: 'fail',
      code: 'TABLE_NOT_FOUND',
      says: 'Table "T" does not exist.',
    });
    expect(others.map(({ check, result }) => `${check} ${result}`)).toEqual([
      'clock ok',
      'permission.DescribeTable ok',
    ]);
  });

  it('reports a view type without deleted items together with TTL that is off', async () => {
    const { only, outcome } = await bench({ viewType: 'KEYS_ONLY', ttl: false });
    expect(await outcome()).toEqual(expect.arrayContaining(['stream fail', 'ttl warn', 'items note']));
    expect(await outcome()).not.toContain('permission.DescribeStream ok');
    expect(await only('stream')).toMatchObject({ code: 'TABLE', remedy: expect.any(String) });
    // As watch sees it: what TTL deleted before it was switched off may still be in the stream.
    expect(await only('ttl')).toMatchObject({ remedy: expect.any(String), commands: [{ program: 'ttl-archive' }] });
  });

  it.each(['DescribeTable', 'DescribeTimeToLive', 'DescribeStream', 'GetShardIterator', 'GetRecords'])(
    'fails with the policy as the fix when access to %s is denied',
    async (operation) => {
      const spoilt = { [operation.charAt(0).toLowerCase() + operation.slice(1)]: failing('ACCESS_DENIED') };
      const { only, outcome } = await bench({ streams: spoilt, tables: spoilt });
      expect(await only(`permission.${operation}`)).toMatchObject({
        result: 'fail',
        code: 'ACCESS_DENIED',
        says: 'It fails with ACCESS_DENIED.',
        why: expect.any(String),
        // Without an ARN, printing the policy needs DescribeTable itself.
        commands: operation === 'DescribeTable' ? [] : [{ program: 'ttl-archive', args: ['doctor', '--iam-policy'] }],
      });
      expect((await outcome()).filter((text) => text.endsWith('fail'))).toHaveLength(1);
    },
  );

  it.each([
    ['ListStreams', { streams: { listStreams: failing('ACCESS_DENIED') } }],
    ['Scan', { tables: { scan: failing('ACCESS_DENIED') } }],
  ])('only warns when access to %s is denied', async (operation, spoilt) => {
    const { only, outcome } = await bench(spoilt);
    expect(await only(`permission.${operation}`)).toMatchObject({ result: 'warn', why: expect.any(String) });
    expect(await only(`permission.${operation}`)).not.toHaveProperty('code');
    expect((await outcome()).filter((text) => text.endsWith('fail'))).toEqual([]);
  });

  it('only warns when the table has no read units left for the Scan', async () => {
    const { only } = await bench({ tables: { scan: failing('THROTTLED') } });
    expect(await only('items')).toMatchObject({ result: 'warn', says: 'It fails with THROTTLED.' });
    expect(await only('permission.Scan')).toMatchObject({ result: 'ok' });
  });

  it('makes no Scan when it must not, and says so', async () => {
    const { only } = await bench({ scan: false, tables: { scan: failing('INTERNAL') } });
    expect(await only('items')).toMatchObject({ result: 'note', says: expect.stringContaining('--no-scan') });
    expect(await only('permission.Scan')).toMatchObject({ result: 'note', says: expect.stringContaining('--no-scan') });
  });

  it('suspects other consumers when GetRecords is throttled', async () => {
    const { only } = await bench({ streams: { getRecords: failing('THROTTLED') } });
    expect(await only('readers')).toMatchObject({ result: 'warn', remedy: expect.stringContaining('other readers') });
    expect(await only('permission.GetRecords')).toMatchObject({ result: 'ok' });
  });

  it('does not try to read a stream without shards', async () => {
    const describeStream = async () => ({ StreamArn: 's', StreamStatus: 'ENABLED', Shards: [] });
    const { only } = await bench({ streams: { describeStream } });
    expect(await only('permission.GetRecords')).toMatchObject({
      result: 'note',
      says: expect.stringContaining('shard'),
    });
  });

  it('accepts an emulator that cannot list streams', async () => {
    const { only } = await bench({ streams: { listStreams: failing('VALIDATION') } });
    expect(await only('permission.ListStreams')).toMatchObject({ result: 'ok' });
  });

  it('accepts a shard that is trimmed meanwhile', async () => {
    const { outcome } = await bench({ streams: { getShardIterator: failing('STREAM_OR_SHARD_NOT_FOUND') } });
    expect((await outcome()).filter((text) => text.endsWith('fail'))).toEqual([]);
  });

  it.each([
    [-61, 'warn', 'is 61 seconds behind'],
    [61, 'warn', 'is 61 seconds ahead of'],
    [60, 'ok', 'is 60 seconds ahead of'],
    [2, 'ok', 'agrees'],
  ])("compares the clocks: %d seconds off AWS's is %s", async (seconds, result, says) => {
    const { context } = await bench();
    const awsTime = { now: () => context.clock.now() - seconds * 1000, isKnown: true, isDoubtful: false };
    const checks = await doctor({ ...context, awsTime }, { table: 'T', scan: true });
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'clock', result, says: expect.stringContaining(says) }),
    );
  });

  it("does not judge the clock when no answer has told AWS's", async () => {
    const { context } = await bench();
    const checks = await doctor({ ...context, awsTime: machineTime(context.clock) }, { table: 'T', scan: true });
    expect(checks.find(({ check }) => check === 'clock')).toMatchObject({ result: 'note' });
  });

  it.each([
    ['describeTable', 'NETWORK', []],
    ['describeTable', 'CREDENTIALS', []],
    ['describeTimeToLive', 'SERVICE', ['table ok']],
    ['scan', 'NETWORK', ['table ok', 'stream ok', 'ttl ok']],
    ['describeStream', 'NETWORK', ['table ok', 'stream ok', 'ttl ok', 'items ok']],
    ['getRecords', 'NETWORK', ['table ok', 'stream ok', 'ttl ok', 'items ok']],
    ['listStreams', 'NETWORK', ['table ok', 'stream ok', 'ttl ok', 'items ok', 'readers note']],
  ] as const)('reports what it found until %s fails with %s', async (operation, code, before) => {
    const spoilt = { [operation]: failing(code) };
    const { outcome, only, tables } = await bench({ streams: spoilt, tables: spoilt });
    await tables.putItem({ TableName: 'T', item: { PK: { S: 'a' }, ttl: { N: '4000000000' } } });
    expect(await only('connection')).toMatchObject({ result: 'fail', code, says: `It fails with ${code}.` });
    expect((await outcome()).filter((text) => !text.startsWith('permission.'))).toEqual([
      ...before,
      'connection fail',
      'clock ok',
    ]);
  });

  it('throws what the signal aborts with, and reports no failed check then', async () => {
    const { context } = await bench();
    const stopping = new AbortController();
    const reason = new TtlArchiveError('NETWORK', 'cut');
    const describeTable = () => {
      stopping.abort(reason);
      return Promise.reject(reason);
    };
    const tables = { ...context.tables, describeTable };
    const options = { table: 'T', scan: true };
    await expect(doctor({ ...context, tables, signal: stopping.signal }, options)).rejects.toBe(reason);
  });
});
