import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/ports/index.js';
import type { DeliveredPage } from '../../../src/shards/effects.js';
import { ttlDelete } from '../../support/streams-server.js';
import { deletions, idsOf, MINUTE, streamFixture } from './stream-fixture.js';

const MB = 1024 * 1024;

function recordOf(size: number) {
  return ttlDelete({ PK: { S: 'key' }, ttl: { N: '1795446313' }, data: { S: 'x'.repeat(size) } });
}

/** Writes pages of records of one size in 50 ms, and adds up what they take meanwhile: twice their bytes, and 2,500 bytes a record. */
function writtenMemory(clock: Pick<Clock, 'sleep'>, size: number) {
  let now = 0;
  const written = {
    most: 0,
    async write({ records }: DeliveredPage): Promise<void> {
      const memory = records.length * (2 * size + 2500);
      now += memory;
      written.most = Math.max(written.most, now);
      await clock.sleep(50);
      now -= memory;
    },
  };
  return written;
}

describe('StreamReader: limits', () => {
  it('limits calls in flight and pages being written, together, to the concurrency', async () => {
    const { model, clock, shards, server, readOnce } = await streamFixture({
      shards: 24,
      latencyMs: 2,
      settings: { cutPage: () => 2 },
    });
    for (const shard of shards) model.put(shard, ...deletions(6));
    let writing = 0;
    let most = 0;
    const { sink } = await readOnce({
      concurrency: 4,
      write: async () => {
        writing++;
        most = Math.max(most, writing + server.calls.inFlight);
        await clock.sleep(5);
        most = Math.max(most, writing + server.calls.inFlight);
        writing--;
      },
    });
    expect(sink.eventIDs()).toHaveLength(24 * 6);
    expect(server.calls.maxInFlight).toBeLessThanOrEqual(4);
    expect(server.calls.maxInFlight).toBeGreaterThan(1);
    expect(sink.maxWriting).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('reads everything with a concurrency of one', async () => {
    const { model, shards, server, readOnce } = await streamFixture({ shards: 3, settings: { cutPage: () => 1 } });
    for (const shard of shards) model.put(shard, ...deletions(3));
    const { sink } = await readOnce({ concurrency: 1 });
    expect(sink.eventIDs()).toHaveLength(9);
    expect(server.calls.maxInFlight).toBe(1);
    expect(sink.maxWriting).toBe(1);
  });

  it('writes two pages of a shard at a time and requests no more, however long the writing takes', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture({ settings: { cutPage: () => 1 } });
    const put = model.put(ShardId, ...deletions(10));
    const { sink, end, stop } = read({ once: true, write: () => clock.sleep(MINUTE) });
    await clock.advance(30_000);
    expect(server.calls.count('GetRecords')).toBe(2);
    await clock.advance(MINUTE);
    expect(server.calls.count('GetRecords')).toBe(4);
    expect(await clock.runUntil(end)).toBe('caught-up');
    expect(sink.eventIDs()).toEqual(idsOf(put));
    await stop();
  });

  it.each([
    { size: 300_000, records: 6, kind: 'large' },
    { size: 400, records: 2500, kind: 'small' },
  ])('bounds the memory of all pages that are written, of $kind records', async ({ size, records }) => {
    const { model, clock, shards, server, readOnce } = await streamFixture({ shards: 12, latencyMs: 2 });
    const record = recordOf(size);
    for (const shard of shards) model.put(shard, ...Array.from({ length: records }, () => record));
    let requested: number | undefined;
    const written = writtenMemory(clock, size);
    const { sink } = await readOnce({
      write: (page) => {
        requested ??= server.calls.count('GetRecords');
        return written.write(page);
      },
    });
    expect(sink.eventIDs()).toHaveLength(12 * records);
    // Before a page was seen, each may be a full one.
    expect(requested).toBeLessThanOrEqual(5);
    expect(written.most).toBeGreaterThan(10 * MB);
    expect(written.most).toBeLessThanOrEqual(30 * MB);
  });

  it.each([
    { size: 300_000, records: 3, kind: 'large' },
    { size: 400, records: 1000, kind: 'small' },
  ])('does so when many idle shards burst at once, of $kind records', async ({ size, records }) => {
    const { model, clock, shards, read } = await streamFixture({ shards: 32 });
    const written = writtenMemory(clock, size);
    const { sink, stop } = read({
      concurrency: 32,
      // All are polled at the same moment.
      pace: { pollInterval: 5000, maxPollInterval: 5000 },
      write: (page) => written.write(page),
    });
    await clock.advance(MINUTE);
    const record = recordOf(size);
    for (const shard of shards) model.put(shard, ...Array.from({ length: records }, () => record));
    await clock.advance(MINUTE);
    expect(sink.eventIDs()).toHaveLength(32 * records);
    expect(written.most).toBeGreaterThan(10 * MB);
    expect(written.most).toBeLessThanOrEqual(30 * MB);
    await stop();
  });

  it('makes one call for a shard at a time: AWS allows two readers of a shard, and one on global tables', async () => {
    const { model, shards, server, readOnce } = await streamFixture({
      shards: 4,
      latencyMs: 1,
      settings: { cutPage: () => 1 },
    });
    server.readersPerShard = 1;
    for (const shard of shards) model.put(shard, ...deletions(10));
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toHaveLength(40);
    expect(server.calls.entries.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });

  it('reads all shards in turn when there are more of them than calls allowed', async () => {
    const { model, clock, shards, read } = await streamFixture({ shards: 6, settings: { cutPage: () => 1 } });
    const [busy = '', ...others] = shards;
    model.put(busy, ...deletions(500));
    for (const shard of others) model.put(shard, ...deletions(1));
    const { sink, stop } = read({ concurrency: 1, write: () => clock.sleep(10) });
    await clock.advance(500);
    for (const shard of others) expect(sink.eventIDs(shard)).toHaveLength(1);
    await stop();
  });
});
