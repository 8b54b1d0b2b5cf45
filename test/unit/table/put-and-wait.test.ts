import { describe, expect, it } from 'vitest';
import type { TablesClient } from '../../../src/ports/index.js';
import { parseKeySchema } from '../../../src/table/key-schema.js';
import { type GoneItem, type PutItem, putAndWait } from '../../../src/table/put-and-wait.js';
import { memoryTables } from '../../support/memory-tables.js';
import { simulatedClock } from '../../support/simulated-clock.js';

async function bench({ keySchema = 'PK', ttlAttribute = 'ttl', sweepMs = 5000 } = {}) {
  const clock = simulatedClock();
  const tables = memoryTables({ transientCalls: 0, clock, sweepMs });
  await tables.createTable({ TableName: 'T', keySchema: parseKeySchema(keySchema), viewType: 'OLD_IMAGE' });
  if (ttlAttribute !== '') await tables.updateTimeToLive({ TableName: 'T', attribute: ttlAttribute });
  return { clock, tables, items: () => [...(tables.byName.get('T')?.items.values() ?? [])] };
}

const OPTIONS = { table: 'T', count: 1, ttlSeconds: 10, intervalMs: 1000 };

describe('putAndWait', () => {
  it('puts items that expire and reports when each is gone', async () => {
    const { clock, tables, items } = await bench();
    const put: PutItem[] = [];
    const gone: GoneItem[] = [];
    const left: number[] = [];
    const context = {
      tables,
      clock,
      onPut: (item: PutItem) => put.push(item),
      onGone: (item: GoneItem) => gone.push(item),
      onPoll: (progress: { left: number }) => left.push(progress.left),
    };
    const ttl = Math.floor(clock.now() / 1000) + 10;
    const result = await clock.runUntil(putAndWait(context, { ...OPTIONS, count: 40 }));
    expect(put).toHaveLength(40);
    expect(items()).toHaveLength(40);
    expect(put.every((item) => item.ttl === ttl)).toBe(true);
    expect(items().every((item) => item['ttl']?.['N'] === String(ttl))).toBe(true);
    expect(gone).toEqual(result);
    expect(result).toHaveLength(40);
    expect(result[0]?.goneAfterMs).toBe(15_000);
    expect(left).toEqual([...Array<number>(15).fill(40), 0]);
  });

  it.each([
    ['PK:N', 'ttl', { PK: { N: expect.stringMatching(/^\d{1,38}$/) } }],
    ['PK:B,SK:S', 'x', { PK: { B: expect.any(String) }, SK: { S: expect.any(String) } }],
    ['PK:S,ttl:N', 'ttl', { PK: { S: expect.any(String) }, ttl: { N: expect.any(String) } }],
    ['ttl:N', 'ttl', { ttl: { N: expect.any(String) } }],
  ])('makes unique keys for %s with TTL attribute %s', async (keySchema, ttlAttribute, expected) => {
    const { clock, tables, items } = await bench({ keySchema, ttlAttribute });
    const result = await clock.runUntil(putAndWait({ tables, clock }, { ...OPTIONS, count: 20 }));
    expect(items()).toHaveLength(20);
    for (const { key } of result) expect(key).toEqual(expected);
    for (const item of items()) expect(item[ttlAttribute]).toEqual({ N: expect.stringMatching(/^\d{10}$/) });
  });

  it('reports how many are left at the timeout', async () => {
    const { clock, tables } = await bench({ sweepMs: 1e9 });
    const start = clock.now();
    const work = putAndWait({ tables, clock }, { ...OPTIONS, count: 3, timeoutMs: 2500 });
    await expect(clock.runUntil(work)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'Timed out after 2.5s: 3 of 3 items still in table "T".',
    });
    expect(clock.now() - start).toBe(2500);
  });

  it.each(['DISABLED', 'DISABLING'])('puts nothing when TTL is %s', async (status) => {
    const { clock, tables, items } = await bench();
    const table = tables.byName.get('T');
    if (table !== undefined) table.timeToLive = { status, attribute: 'ttl' };
    await expect(putAndWait({ tables, clock }, OPTIONS)).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringContaining('TTL is off'),
      commands: [{ program: 'ttl-archive', args: ['setup', '--table', 'T'] }],
    });
    expect(items()).toEqual([]);
  });

  it('rejects a table whose TTL attribute is a key that is not a number', async () => {
    const { clock, tables } = await bench({ keySchema: 'PK,ttl:S' });
    await expect(putAndWait({ tables, clock }, OPTIONS)).rejects.toMatchObject({ code: 'TABLE' });
  });

  it('has at most 16 calls in flight and begins none after a failure', async () => {
    const { clock, tables } = await bench();
    let begun = 0;
    const failing: TablesClient = {
      ...tables,
      putItem: async () => {
        const first = begun++ === 0;
        await clock.sleep(10);
        if (first) throw new Error('no');
      },
    };
    const work = putAndWait({ tables: failing, clock }, { ...OPTIONS, count: 100 });
    await expect(clock.runUntil(work)).rejects.toThrow('no');
    await clock.runUntilIdle();
    expect(begun).toBe(16);
  });

  it('stops waiting when the signal aborts', async () => {
    const { clock, tables } = await bench({ sweepMs: 1e9 });
    const stop = new AbortController();
    const work = putAndWait({ tables, clock, signal: stop.signal }, OPTIONS);
    await clock.advance(3000);
    stop.abort(new Error('stopped by the user'));
    await expect(work).rejects.toThrow('stopped by the user');
  });
});
