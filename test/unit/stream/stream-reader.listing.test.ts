import { describe, expect, it } from 'vitest';
import type { Shard, StreamsClient } from '../../../src/ports/index.js';
import { deletions, HOUR, idsOf, iso, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: DescribeStream', () => {
  it('reads the shards of all pages: a page lists at most 100', async () => {
    const { model, shards, readOnce, inputs } = await streamFixture({ shards: 120 });
    for (const shard of shards) {
      model.put(shard, ...deletions(1));
      model.close(shard);
    }
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toHaveLength(120);
    expect(
      inputs('DescribeStream')
        .slice(0, 2)
        .map(({ ExclusiveStartShardId }) => ExclusiveStartShardId),
    ).toEqual([undefined, shards[99]]);
  });

  it('stays within 10 calls a second while it follows a stream of many pages that splits', async () => {
    const { model, clock, shards, server, read } = await streamFixture({
      shards: 12,
      settings: { describePageSize: 1, describeStreamPerSecond: 10 },
    });
    const { sink, stop } = read({ pace: { pollInterval: 10_000, maxPollInterval: 10_000 } });
    await clock.advance(MINUTE);
    const children = shards.slice(0, 3).flatMap((shard) => model.split(shard));
    for (const child of children) model.put(child, ...deletions(1));
    await clock.advance(2 * MINUTE);
    expect(sink.eventIDs()).toHaveLength(6);
    server.calls.reset();
    await clock.advance(MINUTE);
    // A tenth of AWS's limit.
    expect(server.calls.count('DescribeStream')).toBeLessThanOrEqual(60);
    await stop();
  });

  it('reads a shard whose parent the listing lacks only after a call for the parent', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    const parents = model.put(ShardId, ...deletions(2));
    const child = model.rollover(ShardId);
    const children = model.put(child, ...deletions(2));
    model.hide(ShardId);
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf([...parents, ...children]));
  });

  it('does not read a parent that a listing lacked before its own parent, which only a later listing shows', async () => {
    const { model, clock, ShardId, read } = await streamFixture({ settings: { cutPage: () => 1 } });
    model.put(ShardId, ...deletions(10));
    const parent = model.rollover(ShardId);
    model.put(parent, ...deletions(2));
    const child = model.rollover(parent);
    model.put(child, ...deletions(2));
    model.hide(parent, { calls: 2 });
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    await stop();
    expect(sink.eventIDs()).toHaveLength(14);
    expect(sink.ended).toEqual([ShardId, parent]);
  });

  it('does not read a shard of an earlier run that the listing lacks before its parent', async () => {
    const { model, clock, ShardId, StreamArn, read, memorySink } = await streamFixture({
      settings: { cutPage: () => 1 },
    });
    model.put(ShardId, ...deletions(10));
    const child = model.rollover(ShardId);
    model.put(child, ...deletions(2));
    const sink = memorySink();
    // The earlier run has listed both, and read none.
    for (const shard of [ShardId, child]) {
      sink.checkpointLazily({ stream: StreamArn, ShardId: shard, position: 'TRIM_HORIZON', at: iso(clock.now()) });
    }
    model.hide(child, { calls: 2 });
    const { stop } = read({ sink });
    await clock.advance(MINUTE);
    await stop();
    expect(sink.eventIDs()).toHaveLength(12);
  });

  it('reads a parent that is listed as open, together with its children, to its end', async () => {
    const { model, ShardId, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    const parents = model.put(ShardId, ...deletions(3));
    model.emptyPages(ShardId, 20);
    const children = model.split(ShardId).map((child) => model.put(child, ...deletions(2)));
    model.showOpen(ShardId);
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(parents));
    expect(sink.eventIDs()).toHaveLength(3 + children.length * 2);
  });

  it('reads the children when their parent is not listed because it was trimmed, as after any restart', async () => {
    const { model, clock, ShardId, readOnce, inputs } = await streamFixture();
    const child = model.rollover(ShardId);
    await clock.advance(25 * HOUR);
    const put = model.put(child, ...deletions(2));
    model.trimByAge(24 * HOUR);
    const { sink, log } = await readOnce();
    expect(sink.eventIDs(child)).toEqual(idsOf(put));
    // Before the first start nothing is promised.
    expect(sink.gaps).toEqual([]);
    expect(inputs('GetShardIterator', ShardId)).toHaveLength(1);
    expect(log.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('records a gap when a shard was created and trimmed while no run watched for more than 24 hours', async () => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    const child = model.rollover(ShardId);
    await readOnce({ sink });
    const readUpTo = clock.now();
    await clock.advance(HOUR);
    const unseen = model.rollover(child);
    model.put(unseen, ...deletions(5));
    const listed = model.rollover(unseen);
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    const put = model.put(listed, ...deletions(1));
    const { log } = await readOnce({ sink });
    expect(sink.eventIDs()).toEqual(idsOf(put));
    const windows = sink.gaps.map(({ ShardId: shard, from, to }) => ({
      shard,
      from: Date.parse(from ?? ''),
      to: Date.parse(to),
    }));
    expect(windows.map(({ shard }) => shard).toSorted()).toEqual([child, unseen].toSorted());
    for (const { from, to } of windows) {
      expect(from).toBeGreaterThan(readUpTo - MINUTE);
      expect(from).toBeLessThanOrEqual(readUpTo);
      expect(clock.now() - 24 * HOUR - to).toBeLessThan(SECOND);
    }
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(2);
    const told = sink.gaps.length;
    await readOnce({ sink });
    expect(sink.gaps).toHaveLength(told);
  });

  it('records a gap when the listings lacked a shard until it was trimmed, as soon as a child of it is listed', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink } = await streamFixture({ listDirectly: true });
    const sink = memorySink();
    await readOnce({ sink });
    const readUpTo = clock.now();
    const { stop } = read({ sink, pace: { pollInterval: 10 * MINUTE, maxPollInterval: 10 * MINUTE } });
    await clock.advance(HOUR);
    const unseen = model.rollover(ShardId);
    model.hide(unseen);
    const lost = clock.now();
    model.put(unseen, ...deletions(5));
    const listed = model.rollover(unseen);
    model.hide(listed);
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    model.show(listed);
    await clock.advance(HOUR);
    expect(sink.gaps.map((gap) => gap.ShardId)).toContain(unseen);
    for (const { from, to } of sink.gaps) {
      expect(Date.parse(from ?? '')).toBeGreaterThanOrEqual(readUpTo - MINUTE);
      expect(Date.parse(from ?? '')).toBeLessThanOrEqual(lost);
      expect(Date.parse(to)).toBeGreaterThan(lost);
    }
    await stop();
  });

  it('records no gap of a parent that a listing lacked for a moment, however long ago other shards ended', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink } = await streamFixture({ listDirectly: true });
    const sink = memorySink();
    await readOnce({ sink });
    const { stop } = read({ sink, pace: { pollInterval: 10 * MINUTE, maxPollInterval: 10 * MINUTE } });
    const second = model.rollover(ShardId);
    await clock.advance(50 * HOUR);
    model.trimByAge(24 * HOUR);
    const parent = model.rollover(second);
    model.hide(parent, { ms: 3000 });
    const puts = model.put(parent, ...deletions(3));
    const child = model.rollover(parent);
    puts.push(...model.put(child, ...deletions(1)));
    await clock.advance(HOUR);
    expect(sink.eventIDs()).toEqual(idsOf(puts));
    expect(sink.gaps).toEqual([]);
    await stop();
  });

  it('records no gap of a parent that is gone when the stream was listed all the time', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink } = await streamFixture({ listDirectly: true });
    const sink = memorySink();
    await readOnce({ sink });
    const { stop } = read({
      sink,
      pace: { pollInterval: 10 * MINUTE, maxPollInterval: 10 * MINUTE },
    });
    await clock.advance(30 * HOUR);
    const parent = model.rollover(ShardId);
    const child = model.rollover(parent);
    model.removeShard(parent);
    model.put(child, ...deletions(1));
    await clock.advance(20 * MINUTE);
    await stop();
    expect(sink.eventIDs(child)).toHaveLength(1);
    expect(sink.gaps).toEqual([]);
  });

  it('reads shards that wait for each other in a cycle, which only a wrong listing shows', async () => {
    const { model, shards, streams, readOnce, memorySink } = await streamFixture({ shards: 3 });
    for (const shard of shards) model.put(shard, ...deletions(1));
    const { sink, outcome } = await readOnce({
      sink: memorySink({ parentOf: () => undefined }),
      async describeStream(input, signal) {
        const description = await streams.describeStream(input, signal);
        const Shards = description.Shards.map((shard, index) => ({
          ...shard,
          ...(index < 2 && { ParentShardId: shards[1 - index] ?? '' }),
        }));
        return { ...description, Shards };
      },
    });
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs()).toHaveLength(3);
  });

  it('reports no shard as caught up before the first listing', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink, server } = await streamFixture();
    const sink = memorySink();
    await readOnce({ sink });
    model.put(ShardId, ...deletions(1));
    server.faults = () => ({ kind: 'error', type: 'InternalServerError', status: 500 });
    const { reader, stop } = read({ sink });
    await clock.advance(5 * MINUTE);
    expect(reader.heartbeat().behind).toEqual([ShardId]);
    server.faults = undefined;
    await clock.advance(2 * MINUTE);
    const heartbeat = reader.heartbeat();
    expect(heartbeat.behind).toEqual([]);
    expect(clock.now() - Date.parse(heartbeat.at)).toBeLessThan(30 * SECOND);
    await stop();
  });

  describe('when the first listing is wrong', () => {
    /** Answers the first call with shards that are changed by `lie`. */
    function lying(streams: StreamsClient, lie: (shard: Shard) => Shard) {
      let calls = 0;
      return async (...args: Parameters<StreamsClient['describeStream']>) => {
        const description = await streams.describeStream(...args);
        return calls++ > 0 ? description : { ...description, Shards: description.Shards.map(lie) };
      };
    }

    it('ends with --once, and leaves it to the next run, when a shard was listed as the child of an open one', async () => {
      const { model, clock, shards, streams, readOnce, memorySink } = await streamFixture({ shards: 2 });
      const [parent = '', open = ''] = shards;
      const child = model.rollover(parent);
      const [before, after] = [open, child].map((shard) => idsOf(model.put(shard, ...deletions(2))));
      const describeStream = lying(streams, (shard) =>
        shard.ShardId === child ? { ...shard, ParentShardId: open } : shard,
      );
      const sink = memorySink();
      const begun = clock.now();
      expect(await readOnce({ sink, describeStream })).toMatchObject({ outcome: 'caught-up' });
      expect(clock.now() - begun).toBeLessThan(MINUTE);
      expect(sink.eventIDs()).toEqual(before);
      await readOnce({ sink });
      expect(sink.eventIDs(child)).toEqual(after);
    });

    it('ends with --once when an open shard was listed as a closed one', async () => {
      const { model, clock, ShardId, streams, readOnce } = await streamFixture();
      const put = model.put(ShardId, ...deletions(2));
      const describeStream = lying(streams, (shard) => {
        return { ...shard, SequenceNumberRange: { EndingSequenceNumber: '999999999999999999999999' } };
      });
      const begun = clock.now();
      const { sink, outcome } = await readOnce({ describeStream });
      expect(outcome).toBe('caught-up');
      expect(sink.eventIDs()).toEqual(idsOf(put));
      expect(clock.now() - begun).toBeLessThan(MINUTE);
    });
  });
});
