import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import type { StreamsClient } from '../../../src/ports/index.js';
import { doctor } from '../../../src/table/doctor.js';
import { parseKeySchema } from '../../../src/table/key-schema.js';
import { memoryTables } from '../../support/memory-tables.js';

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
  streams?: Partial<StreamsClient>;
}

function failing(...error: ConstructorParameters<typeof TtlArchiveError>): () => Promise<never> {
  return () => Promise.reject(new TtlArchiveError(...error));
}

async function bench({ viewType = 'OLD_IMAGE', ttl = true, streams = {} }: BenchOptions = {}) {
  const tables = memoryTables({ transientCalls: 0 });
  await tables.createTable({ TableName: 'T', keySchema: parseKeySchema('PK'), viewType });
  if (ttl) await tables.updateTimeToLive({ TableName: 'T', attribute: 'ttl' });
  const context = { tables, streams: { ...STREAMS, ...streams } };
  const outcome = async () => (await doctor(context, { table: 'T' })).map(({ check, ok }) => `${check} ${ok}`);
  return { tables, context, outcome };
}

describe('doctor', () => {
  it('reports a table that can be archived', async () => {
    const { outcome } = await bench();
    expect(await outcome()).toEqual(['table true', 'stream true', 'ttl true', 'read true']);
  });

  it('reports a missing table and checks nothing else', async () => {
    const { tables, context } = await bench();
    tables.byName.clear();
    expect(await doctor(context, { table: 'T' })).toEqual([
      { check: 'table', ok: false, code: 'TABLE_NOT_FOUND', says: 'Table "T" does not exist.' },
    ]);
  });

  it('reports a view type without deleted items together with TTL that is off', async () => {
    const { context, outcome } = await bench({ viewType: 'KEYS_ONLY', ttl: false });
    expect(await outcome()).toEqual(['table true', 'stream false', 'ttl true']);
    const checks = await doctor(context, { table: 'T' });
    expect(checks[1]).toMatchObject({ code: 'TABLE', remedy: expect.any(String) });
    // As watch sees it: what TTL deleted before it was switched off may still be in the stream.
    expect(checks[2]).toMatchObject({ remedy: expect.any(String), commands: [{ program: 'ttl-archive' }] });
  });

  it('reports that access to the stream is denied', async () => {
    const getRecords = failing('ACCESS_DENIED', 'AWS denies GetRecords.', { remedy: 'Allow it.' });
    const { context } = await bench({ streams: { getRecords } });
    expect((await doctor(context, { table: 'T' })).at(-1)).toEqual({
      check: 'read',
      ok: false,
      code: 'ACCESS_DENIED',
      says: 'AWS denies GetRecords.',
      remedy: 'Allow it.',
    });
  });

  it('suggests the permission when streams can be read but not listed', async () => {
    const { context } = await bench({ streams: { listStreams: failing('ACCESS_DENIED', 'AWS denies ListStreams.') } });
    expect((await doctor(context, { table: 'T' })).at(-1)).toEqual({
      check: 'read',
      ok: true,
      says: 'The stream can be read.',
      remedy: expect.stringContaining('dynamodb:ListStreams'),
    });
  });

  it('accepts an emulator that cannot list streams', async () => {
    const { context } = await bench({ streams: { listStreams: failing('VALIDATION', 'Unknown operation.') } });
    expect((await doctor(context, { table: 'T' })).at(-1)).toEqual({
      check: 'read',
      ok: true,
      says: 'The stream can be read.',
    });
  });

  it('accepts a shard that is trimmed meanwhile', async () => {
    const getShardIterator = failing('STREAM_OR_SHARD_NOT_FOUND', 'Shard is gone.');
    const { outcome } = await bench({ streams: { getShardIterator } });
    expect((await outcome()).at(-1)).toBe('read true');
  });

  it.each(['describeStream', 'listStreams'])(
    'throws errors that are not about the table, from %s',
    async (operation) => {
      const { outcome } = await bench({ streams: { [operation]: failing('NETWORK', 'Nobody answers.') } });
      await expect(outcome()).rejects.toMatchObject({ code: 'NETWORK' });
    },
  );
});
