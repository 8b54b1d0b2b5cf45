import { describe, expect, it } from 'vitest';
import type { MemorySink } from '../../support/memory-sink.js';
import { FAULTS } from '../../support/streams-server.js';
import { deletions, HOUR, idsOf, iso, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

/** The gaps without what differs from test to test. */
const windows = (sink: MemorySink) => sink.gaps.map(({ ShardId, from, to }) => ({ ShardId, from, to }));

describe.each(['GetShardIterator', 'GetRecords'] as const)(
  'StreamReader: TrimmedDataAccessException on %s',
  (trimmedAt) => {
    it('finds nothing lost when a quiet shard was caught up within 24 hours: a checkpoint ages out WITHOUT any loss', async () => {
      const { model, clock, ShardId, readOnce, memorySink, server } = await streamFixture({ settings: { trimmedAt } });
      const sink = memorySink();
      const old = model.put(ShardId, ...deletions(3));
      await readOnce({ sink });
      await clock.advance(20 * HOUR);
      const { reader } = await readOnce({ sink });
      sink.beat(reader.heartbeat());
      await clock.advance(5 * HOUR);
      const fresh = model.put(ShardId, ...deletions(2));
      model.trimByAge(24 * HOUR);
      const { log } = await readOnce({ sink });
      expect(server.calls.entries.some(({ outcome }) => outcome === 'TrimmedDataAccessException')).toBe(true);
      expect(sink.eventIDs(ShardId)).toEqual(idsOf([...old, ...fresh]));
      expect(sink.gaps).toEqual([]);
      expect(log.filter(({ level }) => level !== 'info')).toEqual([]);
    });

    it('records the gap, once, when the shard was last caught up longer ago, and reads what is still there', async () => {
      const { model, clock, ShardId, readOnce, memorySink } = await streamFixture({ settings: { trimmedAt } });
      const sink = memorySink();
      const old = model.put(ShardId, ...deletions(3));
      await readOnce({ sink });
      const caughtUpAt = clock.now();
      await clock.advance(HOUR);
      model.put(ShardId, ...deletions(5)); // Lost.
      await clock.advance(20 * HOUR);
      const kept = model.put(ShardId, ...deletions(2));
      await clock.advance(10 * HOUR);
      model.trimByAge(24 * HOUR);
      const now = clock.now();
      const { log } = await readOnce({ sink });
      expect(sink.eventIDs(ShardId)).toEqual(idsOf([...old, ...kept]));
      expect(windows(sink)).toEqual([{ ShardId, from: iso(caughtUpAt), to: iso(now - 24 * HOUR + MINUTE) }]);
      expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
      await readOnce({ sink });
      expect(sink.gaps).toHaveLength(1);
    });

    it('records the gap when a laptop slept for 30 hours', async () => {
      const { model, clock, ShardId, read } = await streamFixture({ settings: { trimmedAt }, listDirectly: true });
      const asleep = { pollInterval: 30 * HOUR, maxPollInterval: 30 * HOUR };
      model.put(ShardId, ...deletions(1));
      const { sink, stop } = read({ pace: asleep });
      await clock.advance(SECOND);
      const fellAsleepAt = clock.now();
      await clock.advance(MINUTE);
      model.put(ShardId, ...deletions(1)); // Lost.
      await clock.advance(29 * HOUR);
      model.trimByAge(24 * HOUR);
      const kept = model.put(ShardId, ...deletions(1));
      await clock.advance(HOUR);
      expect(sink.eventIDs()).toHaveLength(2);
      expect(sink.eventIDs().at(-1)).toBe(kept[0]?.eventID);
      expect(sink.gaps).toHaveLength(1);
      expect(Date.parse(sink.gaps[0]?.from ?? '')).toBeLessThanOrEqual(fellAsleepAt);
      expect(Date.parse(sink.gaps[0]?.from ?? '')).toBeGreaterThanOrEqual(fellAsleepAt - SECOND);
      await stop();
    });
  },
);

describe('StreamReader: the trim horizon', () => {
  it('records the gap without an exception, since reading starts at the horizon anyway', async () => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    const { reader } = await readOnce({ sink }); // The shard holds no record yet.
    sink.beat(reader.heartbeat());
    const caughtUpAt = clock.now();
    model.put(ShardId, ...deletions(1)); // Lost.
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    const kept = model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    expect(windows(sink)).toEqual([{ ShardId, from: iso(caughtUpAt), to: iso(clock.now() - 24 * HOUR + MINUTE) }]);
    expect(sink.eventIDs()).toEqual(idsOf(kept));
    await readOnce({ sink });
    expect(sink.gaps).toHaveLength(1);
  });

  it('records the gap of a child whose reading began too late', async () => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    const parents = model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    const caughtUpAt = clock.now();
    await clock.advance(HOUR);
    const [lossy = '', quiet = ''] = model.split(ShardId);
    model.put(lossy, ...deletions(1)); // Lost.
    await clock.advance(24 * HOUR + MINUTE);
    model.trim(lossy);
    await readOnce({ sink });
    expect(sink.eventIDs()).toEqual(idsOf(parents));
    for (const { from, to } of sink.gaps) {
      expect([from, to]).toEqual([iso(caughtUpAt), iso(caughtUpAt + HOUR + 2 * MINUTE)]);
    }
    // It is not known whether the quiet one lost anything.
    expect(sink.gaps.map((gap) => gap.ShardId).toSorted()).toEqual([lossy, quiet].toSorted());
  });

  it('promises nothing of what was trimmed before the first start', async () => {
    const { model, clock, ShardId, readOnce } = await streamFixture();
    model.put(ShardId, ...deletions(3));
    await clock.advance(25 * HOUR);
    model.trimByAge(24 * HOUR);
    const child = model.rollover(ShardId);
    const kept = model.put(child, ...deletions(1));
    const { sink, log } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf(kept));
    expect(sink.gaps).toEqual([]);
    expect(log).toEqual([]);
  });

  it('starts at the horizon again when that moves on between two calls', async () => {
    let left = 2;
    const { model, ShardId, readOnce } = await streamFixture({
      faults: ({ operation }) => (operation === 'GetRecords' && left-- > 0 ? FAULTS.trimmed : undefined),
    });
    const put = model.put(ShardId, ...deletions(2));
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(sink.gaps).toEqual([]);
  });

  it('records every loss while a backlog is read too slowly', async () => {
    const { model, clock, ShardId, read } = await streamFixture({ settings: { cutPage: () => 1 }, listDirectly: true });
    const { sink, stop } = read({
      pace: { pollInterval: HOUR, maxPollInterval: HOUR },
      write: () => clock.sleep(20 * HOUR),
    });
    const times = new Map<string, number>();
    for (let hour = 0; hour < 60; hour++) {
      if (hour < 12) times.set(idsOf(model.put(ShardId, ...deletions(1)))[0] ?? '', clock.now());
      await clock.advance(HOUR);
      model.trimByAge(24 * HOUR);
    }
    await stop();
    const delivered = new Set(sink.eventIDs());
    const lost = [...times].filter(([eventID]) => !delivered.has(eventID)).map(([, time]) => time);
    expect(lost.length).toBeGreaterThan(5);
    for (const time of lost) {
      const told = sink.gaps.some(({ from, to }) => Date.parse(from ?? '') <= time && time <= Date.parse(to));
      expect(told).toBe(true);
    }
  });

  it('records the whole gap when a run listed the shard and ended before it read any of it', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink, server } = await streamFixture();
    const sink = memorySink();
    const promisedSince = clock.now();
    model.put(ShardId, ...deletions(1));
    await clock.advance(20 * HOUR);
    server.faults = ({ operation }) => (operation === 'GetShardIterator' ? FAULTS.throttling : undefined);
    const { stop } = read({ sink, promisedSince });
    await clock.advance(MINUTE);
    await stop();
    expect(sink.checkpoints.get(ShardId)).toMatchObject({ position: 'TRIM_HORIZON' });
    await clock.advance(20 * HOUR);
    model.trimByAge(24 * HOUR);
    server.faults = undefined;
    await readOnce({ sink });
    expect(sink.gaps).toMatchObject([{ ShardId, from: iso(promisedSince) }]);
  });
});
