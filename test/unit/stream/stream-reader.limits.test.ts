import { describe, expect, it } from 'vitest';
import { ttlDelete } from '../../support/streams-server.js';
import { deletions, idsOf, MINUTE, streamFixture } from './stream-fixture.js';

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

  it('has at most four full pages in flight, over all shards, when pages are large', async () => {
    const { model, clock, shards, server, readOnce } = await streamFixture({ shards: 12, latencyMs: 2 });
    const large = ttlDelete({ PK: { S: 'large' }, ttl: { N: '1795446313' }, data: { S: 'x'.repeat(300_000) } });
    for (const shard of shards) model.put(shard, large, large, large, large, large, large);
    let writing = 0;
    let most = 0;
    let atFirst: number | undefined;
    const { sink } = await readOnce({
      write: async ({ records }) => {
        atFirst ??= server.calls.inFlight;
        const size = records.length * 300_000;
        writing += size;
        most = Math.max(most, writing);
        await clock.sleep(50);
        writing -= size;
      },
    });
    expect(sink.eventIDs()).toHaveLength(72);
    expect(atFirst).toBeLessThan(4);
    expect(most).toBeGreaterThan(1024 * 1024);
    expect(most).toBeLessThanOrEqual(5 * 1024 * 1024);
  });

  it('has at most four full pages in flight when many idle shards burst at once, whose last pages were empty', async () => {
    const { model, clock, shards, read } = await streamFixture({ shards: 32 });
    let writing = 0;
    let most = 0;
    const { sink, stop } = read({
      concurrency: 32,
      // All are polled at the same moment.
      pace: { pollInterval: 5000, maxPollInterval: 5000 },
      write: async ({ records }) => {
        const size = records.length * 300_000;
        writing += size;
        most = Math.max(most, writing);
        await clock.sleep(50);
        writing -= size;
      },
    });
    await clock.advance(MINUTE);
    const large = ttlDelete({ PK: { S: 'large' }, ttl: { N: '1795446313' }, data: { S: 'x'.repeat(300_000) } });
    for (const shard of shards) model.put(shard, large, large, large);
    await clock.advance(MINUTE);
    expect(sink.eventIDs()).toHaveLength(32 * 3);
    expect(most).toBeGreaterThan(1024 * 1024);
    expect(most).toBeLessThanOrEqual(5 * 1024 * 1024);
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
