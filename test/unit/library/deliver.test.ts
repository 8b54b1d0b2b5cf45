import { describe, expect, it } from 'vitest';
import type { DeletionSink, TtlDeletion } from '../../../src/ports/index.js';
import { deliveryFixture, keyOf } from './delivery-fixture.js';

/** A sink that notes what it gets; `write` of the test's own comes after that. */
function notingSink(write: DeletionSink['write'] = async () => undefined) {
  const keys: string[] = [];
  let closed = 0;
  return {
    keys,
    closed: () => closed,
    async write(deletions: readonly TtlDeletion[], options: { readonly signal: AbortSignal }) {
      keys.push(...deletions.map(keyOf));
      await write(deletions, options);
    },
    async close() {
      closed++;
    },
  };
}

function fixture(...keys: readonly string[]) {
  const made = deliveryFixture();
  made.put(made.model.shards[0]?.ShardId, ...keys);
  return made;
}

describe('deliver', () => {
  it.each(['a folder', 'a store'])(
    'writes each deletion once, over several runs, with the positions in %s',
    async (place) => {
      const { deliver, put, model, positions } = fixture('a', 'b');
      const options = { once: true, positions: place === 'a folder' ? '/positions' : positions };
      const sink = notingSink();
      expect(await deliver(sink, options).end()).toMatchObject({ archived: 2, interrupted: false, gaps: [] });
      put(model.shards[0]?.ShardId, 'c');
      await deliver(sink, options).end();
      expect(sink.keys).toEqual(['a', 'b', 'c']);
      expect(sink.closed()).toBe(2);
    },
  );

  it('takes no archive for a folder of positions, and no such folder for an archive', async () => {
    const { deliver, archive } = fixture('a');
    await deliver(notingSink(), { once: true, positions: '/positions' }).end();
    await expect(archive('/positions')).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringMatching(/positions of a program/),
    });
    await archive('/archive');
    const other = deliver(notingSink(), { once: true, positions: '/archive' });
    await expect(other.end()).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringMatching(/holds an archive, not/),
    });
  });

  it('moves no checkpoint before the write has resolved', async () => {
    const { deliver, clock, positions } = fixture('a', 'b');
    let release = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      release = resolve;
    });
    const run = deliver(
      notingSink(() => written),
      { once: true },
    );
    await clock.advance(3_600_000);
    const position = () => JSON.parse(positions.text ?? '').checkpoints[0].position;
    expect(position()).toBe('TRIM_HORIZON');
    release();
    await run.end();
    expect(position()).toMatch(/^\d+$/);
  });

  it('ends with what the sink rejects with or throws, and the next run writes those deletions again', async () => {
    const { deliver } = fixture('a', 'b');
    const full = new Error('the queue is full');
    const failing = notingSink(async () => {
      throw full;
    });
    await expect(deliver(failing, { once: true }).end()).rejects.toBe(full);
    expect(failing.closed()).toBe(1);
    const throwing: DeletionSink = {
      write() {
        throw full;
      },
    };
    await expect(deliver(throwing, { once: true }).end()).rejects.toBe(full);
    const sink = notingSink();
    await deliver(sink, { once: true }).end();
    expect(sink.keys).toEqual(['a', 'b']);
  });

  it('rejects with what close rejects with, unless the run has failed before', async () => {
    const { deliver } = fixture('a');
    const close = async () => {
      throw new Error('not flushed');
    };
    const failing = async () => {
      throw new Error('the queue is full');
    };
    await expect(deliver({ write: failing, close }, { once: true }).end()).rejects.toThrow('the queue is full');
    await expect(deliver({ write: async () => undefined, close }, { once: true }).end()).rejects.toThrow('not flushed');
  });

  it('gives the deletions of a shard one call after the other', async () => {
    const { deliver, put, model, clock } = fixture();
    const shard = model.shards[0]?.ShardId;
    for (let page = 0; page < 3; page++) put(shard, ...Array.from({ length: 1000 }, (_, i) => `${page}-${i}`));
    let inFlight = 0;
    let most = 0;
    const sink = notingSink(async () => {
      most = Math.max(most, ++inFlight);
      await clock.sleep(50);
      inFlight--;
    });
    await deliver(sink, { once: true }).end();
    expect(most).toBe(1);
    expect(sink.keys).toHaveLength(3000);
    expect(sink.keys.at(-1)).toBe('2-999');
  });

  it('holds few pages in memory while the sink is slow', async () => {
    const { deliver, put, model, clock } = fixture();
    for (let page = 0; page < 50; page++) {
      put(model.shards[0]?.ShardId, ...Array.from({ length: 1000 }, (_, i) => `${page}-${i}`));
    }
    const run = deliver(notingSink(() => new Promise(() => undefined)));
    await clock.advance(3_600_000);
    expect(run.progress().records).toBeLessThanOrEqual(3000);
  });

  it('tells the sink that the run ends, and waits ten seconds for it', async () => {
    const { deliver, clock, positions } = fixture('a');
    let signal: AbortSignal | undefined;
    const sink = notingSink(async (_, options) => {
      signal = options.signal;
      await new Promise(() => undefined);
    });
    const run = deliver(sink);
    await clock.advance(1000);
    expect(signal?.aborted).toBe(false);
    run.stop.abort();
    expect(signal?.aborted).toBe(true);
    let isOver = false;
    run.done.then(() => {
      isOver = true;
    }, expect.unreachable);
    await clock.advance(9_900);
    expect(isOver).toBe(false);
    await clock.advance(200);
    expect(await run.done).toMatchObject({ interrupted: true, archived: 0 });
    expect(sink.closed()).toBe(1);
    expect(JSON.parse(positions.text ?? '').checkpoints[0].position).toBe('TRIM_HORIZON');
  });

  it('counts a write that resolves after the abort, in time', async () => {
    const { deliver, clock } = fixture('a');
    const run = deliver(notingSink(() => clock.sleep(5000)));
    await clock.advance(1000);
    run.stop.abort();
    expect(await run.end()).toMatchObject({ archived: 1, interrupted: true });
    const sink = notingSink();
    await deliver(sink, { once: true }).end();
    expect(sink.keys).toEqual([]);
  });

  it('ends in time when one shard fails while the write of another hangs', async () => {
    const { deliver, model, put } = deliveryFixture();
    model.createTable({ TableName: 'Two', shards: 2 });
    const [one, two] = model.table('Two').stream?.shards ?? [];
    put(one?.ShardId, 'hangs');
    put(two?.ShardId, 'fails');
    const sink = notingSink(async ([first]) => {
      if (first !== undefined && keyOf(first) === 'fails') throw new Error('the queue is full');
      await new Promise(() => undefined);
    });
    await expect(deliver(sink, { table: 'Two' }).end()).rejects.toThrow('the queue is full');
  });
});
