import { describe, expect, it } from 'vitest';
import { hasCode } from '../../../src/errors.js';
import type { ReceivedDeletion } from '../../../src/ports/index.js';
import { deliveryFixture, keyOf } from './delivery-fixture.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Takes up to `count` deletions and acknowledges those that `acks` says. */
async function take(
  deletions: AsyncIterable<ReceivedDeletion>,
  count: number,
  acks: (key: string) => boolean = () => true,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const deletion of deletions) {
    keys.push(keyOf(deletion));
    if (acks(keyOf(deletion))) await deletion.ack();
    if (keys.length === count) break;
  }
  return keys;
}

describe.each(['a folder', 'a store'])('readTtlDeletions, with the positions in %s', (place) => {
  const fixture = () => {
    const made = deliveryFixture();
    const positions = place === 'a folder' ? '/positions' : made.positions;
    const [shard] = made.model.shards;
    made.put(shard?.ShardId, ...KEYS);
    return {
      ...made,
      shard: shard?.ShardId,
      read: (options = {}) => made.read({ positions, ...options }),
      run: <T>(work: Promise<T>) => made.clock.runUntil(work),
    };
  };

  it('gives the deletions in their order, with the item as sent, and ends with once', async () => {
    const { read, run } = fixture();
    const found: ReceivedDeletion[] = [];
    const reading = (async () => {
      for await (const deletion of read({ once: true })) {
        found.push(deletion);
        await deletion.ack();
      }
    })();
    await run(reading);
    expect(found.map(keyOf)).toEqual(KEYS);
    expect(found[0]).toMatchObject({ Keys: { PK: { S: 'a' } }, ttl: 1_795_446_313, provenance: 'ttl' });
    expect(found[0]?.item).toEqual({ PK: { S: 'a' }, ttl: { N: '1795446313' } });
  });

  it('goes on after what was acknowledged', async () => {
    const { read, run, put, shard } = fixture();
    expect(await run(take(read(), 5))).toEqual(KEYS);
    put(shard, 'f');
    expect(await run(take(read(), 1))).toEqual(['f']);
  });

  it('delivers again what was not acknowledged, inside a page, and what follows it', async () => {
    const { read, run } = fixture();
    expect(await run(take(read(), 5, (key) => key !== 'c'))).toEqual(KEYS);
    expect(await run(take(read(), 3))).toEqual(['c', 'd', 'e']);
  });

  it('moves the checkpoint over acknowledgements that come in another order, once none is missing', async () => {
    const { read, run } = fixture();
    const waiting: ReceivedDeletion[] = [];
    const reading = (async () => {
      for await (const deletion of read()) {
        waiting.push(deletion);
        if (waiting.length < 4) continue;
        for (const each of waiting.toReversed()) await each.ack();
        break;
      }
    })();
    await run(reading);
    expect(await run(take(read(), 1))).toEqual(['e']);
  });

  it('delivers again after a kill what was acknowledged less than a second before, and nothing older', async () => {
    const { read, run, clock, kill } = fixture();
    const iterator = read()[Symbol.asyncIterator]();
    const takeNext = async () => (await run(iterator.next())).value?.ack();
    await takeNext();
    await takeNext();
    await clock.advance(1500);
    await takeNext();
    kill();
    const keys = await run(take(read(), 3));
    // The iteration that was killed is not closed: its lock and its process are gone.
    expect(keys).toEqual(['c', 'd', 'e']);
  });

  it('gives no page of a child shard before its parent is acknowledged', async () => {
    const { read, run, model, put, shard } = fixture();
    put(model.rollover(shard ?? ''), 'child');
    const keys: string[] = [];
    let unacknowledged: ReceivedDeletion[] = [];
    const reading = (async () => {
      for await (const deletion of read({ once: true })) {
        keys.push(keyOf(deletion));
        unacknowledged.push(deletion);
        if (keyOf(deletion) === 'child') break;
        if (keys.length < KEYS.length) continue;
        for (const each of unacknowledged) await each.ack();
        unacknowledged = [];
      }
    })();
    await run(reading);
    expect(unacknowledged.map(keyOf)).toEqual(['child']);
    expect(keys).toEqual([...KEYS, 'child']);
  });

  it('counts an acknowledgement that comes after the abort, from the loop that was at work', async () => {
    const { read, run } = fixture();
    const stop = new AbortController();
    const keys: string[] = [];
    const reading = (async () => {
      for await (const deletion of read({ signal: stop.signal })) {
        keys.push(keyOf(deletion));
        stop.abort();
        await Promise.resolve();
        await deletion.ack();
      }
    })();
    await run(reading);
    expect(keys).toEqual(['a']);
    expect(await run(take(read(), 1))).toEqual(['b']);
  });
});

describe('readTtlDeletions', () => {
  it('ends a pending next when the signal aborts', async () => {
    const { read, clock } = deliveryFixture();
    const stop = new AbortController();
    const next = read({ signal: stop.signal })[Symbol.asyncIterator]().next();
    await clock.advance(60_000);
    stop.abort();
    expect(await clock.runUntil(next)).toEqual({ done: true, value: undefined });
  });

  it('makes no call when the signal has aborted before, and gives nothing', async () => {
    const { read } = deliveryFixture();
    const deletions = read({ signal: AbortSignal.abort() });
    expect(await deletions[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    expect(deletions.progress()).toBeUndefined();
  });

  it('reads few pages ahead of a consumer that is slow', async () => {
    const { read, model, put, clock } = deliveryFixture();
    const [shard] = model.shards;
    for (let page = 0; page < 50; page++)
      put(shard?.ShardId, ...Array.from({ length: 1000 }, (_, i) => `${page}-${i}`));
    const deletions = read();
    const iterator = deletions[Symbol.asyncIterator]();
    await clock.runUntil(iterator.next());
    await clock.advance(3_600_000);
    expect(deletions.progress()?.records).toBeLessThanOrEqual(3000);
    await iterator.return?.();
  });

  it('throws what the position store rejects with, and delivers again', async () => {
    const { read, model, put, clock, positions } = deliveryFixture();
    put(model.shards[0]?.ShardId, ...KEYS);
    const failing = {
      load: () => positions.load(),
      save: async () => {
        throw new Error('the store is full');
      },
    };
    await expect(clock.runUntil(take(read({ positions: failing }), 9))).rejects.toThrow('the store is full');
    expect(await clock.runUntil(take(read(), 5))).toEqual(KEYS);
  });

  it('throws when the reading fails while deletions of another shard are not acknowledged', async () => {
    const { read, model, put, clock, positions } = deliveryFixture();
    model.createTable({ TableName: 'Two', shards: 2 });
    const [one, two] = model.table('Two').stream?.shards ?? [];
    put(one?.ShardId, 'kept back');
    put(two?.ShardId, 'acknowledged');
    let isFull = false;
    const store = {
      load: () => positions.load(),
      save: async () => {
        if (isFull) throw new Error('the store is full');
      },
    };
    const reading = take(read({ table: 'Two', positions: store }), 9, (key) => {
      isFull = true;
      return key === 'acknowledged';
    });
    await expect(clock.runUntil(reading)).rejects.toThrow('the store is full');
  });

  it('rejects positions that are damaged, or those of another table', async () => {
    const { read, clock } = deliveryFixture();
    const holding = (text: string) => ({ load: async () => text, save: async () => undefined });
    const code = async (text: string) => {
      try {
        await clock.runUntil(take(read({ positions: holding(text) }), 1));
      } catch (error) {
        return hasCode(error, 'JOURNAL') ? 'JOURNAL' : hasCode(error, 'TABLE') ? 'TABLE' : String(error);
      }
      return 'none';
    };
    expect(await code('{')).toBe('JOURNAL');
    expect(await code('{"version":2,"table":"T"}')).toBe('JOURNAL');
    const other = { version: 1, table: 'Other', checkpoints: [], droppedShards: [], gaps: [], gapCount: 0 };
    expect(await code(JSON.stringify(other))).toBe('TABLE');
  });

  it('reports a gap, and keeps it with the positions', async () => {
    const { read, model, put, clock, positions } = deliveryFixture();
    const shard = model.shards[0]?.ShardId;
    put(shard, 'a');
    expect(await clock.runUntil(take(read(), 1))).toEqual(['a']);
    await clock.advance(2 * 86_400_000);
    put(shard, 'lost');
    await clock.advance(2 * 86_400_000);
    model.trimByAge(86_400_000);
    put(shard, 'b');
    const causes: unknown[] = [];
    expect(await clock.runUntil(take(read({ onGap: ({ cause }) => causes.push(cause) }), 1))).toEqual(['b']);
    expect(causes).toEqual(['position-trimmed']);
    expect(JSON.parse(positions.text ?? '')).toMatchObject({ gapCount: 1 });
  });
});
