import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/streams-server.js';
import { deliveryFixture, keyOf } from '../unit/library/delivery-fixture.js';

/** Runs over random shards in which some deletions are not acknowledged; gives what was put and what was acknowledged. */
async function runsOf(seed: number, positions: 'folder' | 'store') {
  const random = seededRandom(seed);
  const { read, put, model, clock, positions: store } = deliveryFixture();
  const options = positions === 'folder' ? { positions: '/positions' } : { positions: store };
  const keysOf = new Map<string, string[]>();
  /** Deletions of each shard that must not come again: those before the first one that no run has acknowledged in order. */
  const done = new Set<string>();
  const acknowledged = new Set<string>();
  const needlessly: string[] = [];
  for (let run = 0; run < 6; run++) {
    for (let change = 0; change < 4; change++) {
      const open = model.shards.filter(({ closedAt }) => closedAt === undefined);
      const shard = open[Math.floor(random() * open.length)]?.ShardId ?? '';
      if (random() < 0.3) model.split(shard);
      else {
        const keys = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, i) => `${run}-${change}-${i}`);
        put(shard, ...keys);
        keysOf.set(shard, [...(keysOf.get(shard) ?? []), ...keys]);
      }
    }
    const isLast = run === 5;
    const inThisRun = new Set<string>();
    let left = isLast ? Infinity : 1 + Math.floor(random() * 10);
    const reading = (async () => {
      for await (const deletion of read({ ...options, once: isLast })) {
        const key = keyOf(deletion);
        if (done.has(key)) needlessly.push(key);
        if (isLast || random() < 0.7) {
          await deletion.ack();
          acknowledged.add(key);
          inThisRun.add(key);
        }
        if (--left === 0) break;
      }
    })();
    // A run without anything to deliver, or whose deletions are all kept back, waits for ever.
    const stopped = clock.advance(60_000).then(() => left);
    if (isLast) await clock.runUntil(reading);
    else if ((await stopped) > 0) return undefined;
    else await clock.runUntil(reading);
    for (const keys of keysOf.values()) {
      const first = keys.findIndex((key) => !done.has(key) && !inThisRun.has(key));
      for (const key of keys.slice(0, first === -1 ? keys.length : first)) done.add(key);
    }
  }
  return { put: [...keysOf.values()].flat().toSorted(), acknowledged: [...acknowledged].toSorted(), needlessly };
}

describe('readTtlDeletions', () => {
  it.each(['folder', 'store'] as const)(
    'delivers until acknowledged, and then no more, with a %s',
    async (positions) => {
      let whole = 0;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
          const result = await runsOf(seed, positions);
          if (result === undefined) return;
          whole++;
          expect(result.acknowledged).toEqual(result.put);
          expect(result.needlessly).toEqual([]);
        }),
        { numRuns: 60, seed: 1 },
      );
      expect(whole).toBeGreaterThan(10);
    },
  );
});
