import { describe, expect, it } from 'vitest';
import { FAULTS, PASSING_FAULTS, randomFaults, seededRandom } from '../../support/streams-server.js';
import { deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: faults', () => {
  it('delivers everything when 30 % of the calls fail in all temporary ways, and keeps the log short', async () => {
    const { model, shards, server, readOnce } = await streamFixture({
      shards: 8,
      callTimeout: 150,
      settings: { cutPage: (available) => Math.min(available, 20) },
    });
    const put = new Map<string, string[]>();
    const fill = (shard: string) => put.set(shard, idsOf(model.put(shard, ...deletions(50))));
    for (const shard of shards) {
      fill(shard);
      for (const child of model.split(shard)) fill(child);
    }
    const faults = randomFaults({ probability: 0.3, random: seededRandom(20261123), kinds: PASSING_FAULTS });
    server.faults = faults;
    const { sink, outcome, log } = await readOnce();
    expect(outcome).toBe('caught-up');
    for (const [shard, ids] of put) expect(sink.eventIDs(shard)).toEqual(ids);
    const failed = server.calls.entries.filter((entry) => entry.outcome !== 'ok').length;
    expect(failed).toBeGreaterThan(50);
    expect(log.length).toBeLessThan(failed / 3);
    expect(sink.gaps).toEqual([]);
  });

  it('ends --once as UNREACHABLE after four attempts without any response', async () => {
    const { clock, server, read } = await streamFixture();
    server.faults = () => FAULTS.reset;
    const { end } = read({ once: true });
    await expect(clock.runUntil(end)).rejects.toMatchObject({ code: 'UNREACHABLE', cause: { code: 'NETWORK' } });
    expect(server.calls.total).toBe(4);
  });

  it('ends --once as UNREACHABLE when the endpoint does not respond for a minute', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture();
    model.put(ShardId, ...deletions(1));
    const { end, sink } = read({
      once: true,
      write: async () => {
        server.faults = () => FAULTS.html503;
      },
    });
    const begun = clock.now();
    await expect(clock.runUntil(end)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(clock.now() - begun).toBeGreaterThanOrEqual(MINUTE);
    expect(clock.now() - begun).toBeLessThan(3 * MINUTE);
    expect(sink.pages).toHaveLength(1);
  });

  it('ends --once when no iterator ever works, instead of requesting new ones without end', async () => {
    const { clock, read } = await streamFixture({
      faults: ({ operation }) => (operation === 'GetRecords' ? FAULTS.expiredIterator : undefined),
    });
    await expect(clock.runUntil(read({ once: true }).end)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('retries without end when it follows: waits at most 30 s, counts the failures, and continues where it was', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture();
    const before = model.put(ShardId, ...deletions(1));
    const { sink, stop, log } = read();
    await clock.advance(SECOND);
    server.faults = () => FAULTS.internalError;
    server.calls.reset();
    const after = model.put(ShardId, ...deletions(1));
    await clock.advance(HOUR / 2);
    const times = server.calls.times('GetRecords');
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_001);
    expect(waits.length).toBeGreaterThan(60);
    expect(waits.length).toBeLessThan(250);
    // GetRecords and DescribeStream, each at most once in half a minute.
    expect(log.length).toBeLessThanOrEqual(2 * 61);
    expect(log.reduce((sum, { facts }) => sum + Number(facts['failures']), 0)).toBeGreaterThan(server.calls.total - 20);
    server.faults = undefined;
    await clock.advance(MINUTE);
    expect(sink.eventIDs()).toEqual(idsOf([...before, ...after]));
    expect(log.some(({ message }) => message === 'calls succeed again')).toBe(true);
    await stop();
  });

  it('retries a throttled shard without slowing the others down', async () => {
    const { model, shards, readOnce, server } = await streamFixture({
      shards: 4,
      settings: { getRecordsPerShardPerSecond: 5, cutPage: () => 2 },
    });
    for (const shard of shards) model.put(shard, ...deletions(30));
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toHaveLength(120);
    expect(server.calls.entries.some(({ outcome }) => outcome === 'LimitExceededException')).toBe(true);
  });
});
