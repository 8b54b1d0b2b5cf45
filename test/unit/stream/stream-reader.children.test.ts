import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../support/streams-server.js';
import { advanceUntil, deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: children', () => {
  it('reads a child after its parent, over generations of splits before the start', async () => {
    const { model, ShardId, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    let generation = [ShardId];
    for (let depth = 0; depth < 3; depth++) {
      for (const shard of generation) model.put(shard, ...deletions(3));
      generation = generation.flatMap((shard) => model.split(shard));
    }
    for (const shard of generation) model.put(shard, ...deletions(1));
    // The sink rejects any record that comes before the end of the shard's parent.
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs()).toHaveLength(7 * 3 + 8);
    expect(sink.ended).toHaveLength(7);
  });

  it('reads children found while running from TRIM_HORIZON, never from LATEST', async () => {
    const { model, clock, ShardId, read, inputs } = await streamFixture();
    const { sink, stop } = read({ from: 'latest' });
    await clock.advance(SECOND);
    const children = model.split(ShardId);
    // These come before any listing shows the children.
    const put = children.map((child) => model.put(child, ...deletions(2)));
    await clock.advance(20 * SECOND);
    await stop();
    for (const [index, child] of children.entries()) {
      expect(sink.eventIDs(child)).toEqual(idsOf(put[index] ?? []));
      expect(inputs('GetShardIterator', child)).toMatchObject([{ ShardIteratorType: 'TRIM_HORIZON' }]);
    }
  });

  it('finds the children within a second of their parent ending', async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const child = model.rollover(ShardId);
    await advanceUntil(clock, () => sink.ended.length === 1, 50);
    const endedAt = clock.now();
    model.put(child, ...deletions(1));
    await advanceUntil(clock, () => sink.eventIDs(child).length === 1, 50);
    expect(clock.now() - endedAt).toBeLessThanOrEqual(SECOND);
    await stop();
  });

  it('finds children that are listed late', async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const [first = '', second = ''] = model.split(ShardId, { late: { calls: 4 } });
    model.put(first, ...deletions(1));
    await clock.advance(20 * SECOND);
    expect(sink.eventIDs(first)).toHaveLength(1);
    // Later than the quick listings for children: the regular one finds it.
    const late = model.rollover(second, { ms: 3 * MINUTE });
    model.put(late, ...deletions(1));
    await clock.advance(2 * MINUTE);
    expect(sink.eventIDs(late)).toEqual([]);
    await clock.advance(2 * MINUTE);
    expect(sink.eventIDs(late)).toHaveLength(1);
    await stop();
  });

  it('lists only the children when a full listing takes several pages', async () => {
    const { model, clock, shards, read, inputs } = await streamFixture({
      shards: 3,
      settings: { describePageSize: 2 },
    });
    const { stop } = read();
    await clock.advance(10 * SECOND);
    const listed = inputs('DescribeStream').length;
    const [parent = ''] = shards;
    model.rollover(parent);
    await clock.advance(10 * SECOND);
    expect(inputs('DescribeStream').slice(listed)).toMatchObject([
      { ShardFilter: { Type: 'CHILD_SHARDS', ShardId: parent } },
    ]);
    await stop();
  });

  it('lists all shards when ShardFilter is rejected, as by some emulators, and does not use it again', async () => {
    const { model, clock, shards, read, inputs } = await streamFixture({
      shards: 3,
      settings: { shardFilter: 'rejected', describePageSize: 2 },
    });
    const { sink, stop } = read();
    await clock.advance(5 * SECOND);
    for (const parent of shards.slice(0, 2)) {
      const child = model.rollover(parent);
      model.put(child, ...deletions(1));
      await clock.advance(10 * SECOND);
      expect(sink.eventIDs(child)).toHaveLength(1);
    }
    expect(inputs('DescribeStream').filter((input) => 'ShardFilter' in input)).toHaveLength(1);
    await stop();
  });

  it('finds the children when ShardFilter is ignored', async () => {
    const { model, clock, shards, read } = await streamFixture({
      shards: 3,
      settings: { shardFilter: 'ignored', describePageSize: 2 },
    });
    const { sink, stop } = read();
    await clock.advance(5 * SECOND);
    const child = model.rollover(shards[1] ?? '');
    model.put(child, ...deletions(1));
    await clock.advance(10 * SECOND);
    expect(sink.eventIDs()).toHaveLength(1);
    await stop();
  });

  it('does not take a failure of DescribeStream for an empty listing', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const child = model.rollover(ShardId);
    model.put(child, ...deletions(1));
    server.faults = ({ operation }) => (operation === 'DescribeStream' ? FAULTS.throttling : undefined);
    await clock.advance(5 * MINUTE);
    expect(sink.eventIDs()).toEqual([]);
    server.faults = undefined;
    await clock.advance(MINUTE);
    expect(sink.eventIDs(child)).toHaveLength(1);
    await stop();
  });

  describe('when none is listed', () => {
    /** A shard that is read, then has a child for a while, and is read to its end so many hours after the first time. */
    async function readAgainAfter(hours: number, { off = false } = {}) {
      const { model, clock, ShardId, streams, readOnce, memorySink } = await streamFixture();
      const sink = memorySink();
      model.put(ShardId, ...deletions(1));
      await readOnce({ sink });
      const caughtUpAt = sink.checkpoints.get(ShardId)?.caughtUpAt;
      await clock.advance(HOUR);
      const child = model.rollover(ShardId);
      model.put(child, ...deletions(1));
      await clock.advance((hours - 1) * HOUR);
      model.removeShard(child);
      let listings = 0;
      const describeStream: typeof streams.describeStream = async (...call) => {
        if (off && ++listings === 2) model.disableStream('T');
        return streams.describeStream(...call);
      };
      const { outcome } = await readOnce({ sink, describeStream });
      expect(outcome).toBe('caught-up');
      expect(sink.ended).toContain(ShardId);
      return { gaps: sink.gaps, ShardId, caughtUpAt };
    }

    it('records a gap from when the parent was last caught up, when they may have been trimmed', async () => {
      const { gaps, ShardId, caughtUpAt } = await readAgainAfter(26);
      expect(gaps).toMatchObject([{ ShardId, from: caughtUpAt }]);
    });

    it.each([true, false])('remembers it over a restart, unless it was listed (%s) in between', async (isListed) => {
      const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
      const sink = memorySink();
      const child = model.rollover(ShardId);
      model.hide(child);
      model.put(child, ...deletions(1));
      await readOnce({ sink });
      expect(sink.checkpoints.get(ShardId)).toMatchObject({ position: 'SHARD_END', childless: true });
      if (isListed) model.show(child);
      await readOnce({ sink });
      expect(sink.checkpoints.get(ShardId)?.childless).toBe(isListed ? undefined : true);
      model.close(child);
      await readOnce({ sink });
      const before = sink.gaps.length;
      await clock.advance(26 * HOUR);
      model.removeShard(ShardId);
      model.removeShard(child);
      await readOnce({ sink });
      const told = sink.gaps.slice(before).filter((gap) => gap.ShardId === ShardId);
      expect(told).toHaveLength(isListed ? 0 : 1);
      await readOnce({ sink });
      expect(sink.gaps.slice(before).filter((gap) => gap.ShardId === ShardId)).toHaveLength(told.length);
    });

    it('records no gap when it is too early for that, or when the stream is switched off', async () => {
      expect((await readAgainAfter(20)).gaps).toEqual([]);
      expect((await readAgainAfter(26, { off: true })).gaps).toEqual([]);
    });
  });
});
