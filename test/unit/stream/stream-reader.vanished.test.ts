import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../support/streams-server.js';
import { deletions, HOUR, idsOf, iso, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: a shard that left the stream, which AWS never finds again', () => {
  it('ends it without a gap when it was caught up within 24 hours, and reads its children', async () => {
    const { model, clock, ShardId, read, server } = await streamFixture();
    const before = model.put(ShardId, ...deletions(1));
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const child = model.rollover(ShardId);
    const after = model.put(child, ...deletions(1));
    model.removeShard(ShardId);
    await clock.advance(MINUTE);
    expect(sink.eventIDs()).toEqual(idsOf([...before, ...after]));
    expect(sink.ended).toEqual([ShardId]);
    expect(sink.gaps).toEqual([]);
    const asked = server.calls.times('GetShardIterator', ShardId).length;
    await clock.advance(2 * MINUTE);
    expect(server.calls.times('GetShardIterator', ShardId)).toHaveLength(asked);
    await stop();
  });

  it('ends it with a gap when it was last caught up longer ago, and reads its children', async () => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    const caughtUpAt = clock.now();
    const child = model.rollover(ShardId);
    await clock.advance(30 * HOUR);
    const kept = model.put(child, ...deletions(1));
    model.trimByAge(24 * HOUR);
    const now = clock.now();
    const { outcome } = await readOnce({ sink });
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs(child)).toEqual(idsOf(kept));
    expect(sink.gaps.filter((gap) => gap.ShardId === ShardId)).toMatchObject([
      { from: iso(caughtUpAt), to: iso(now - 24 * HOUR + MINUTE), cause: 'shard-gone' },
    ]);
    await readOnce({ sink });
    expect(sink.gaps.filter((gap) => gap.ShardId === ShardId)).toHaveLength(1);
  });

  it('delivers the page in flight before it ends the shard', async () => {
    const { model, clock, ShardId, read } = await streamFixture({ settings: { cutPage: () => 1 } });
    const put = model.put(ShardId, ...deletions(2));
    const { sink, stop } = read({
      write: async () => {
        model.removeShard(ShardId);
        await clock.sleep(SECOND);
      },
    });
    await clock.advance(MINUTE);
    expect(sink.eventIDs()[0]).toBe(put[0]?.eventID);
    expect(sink.lines.map((line) => (line.type === 'checkpoint' ? line.position : line.type)).at(-1)).toBe('SHARD_END');
    await stop();
  });

  it('reads on when one not-found answer was wrong', async () => {
    let left = 1;
    const { model, ShardId, readOnce } = await streamFixture({
      faults: ({ operation }) => (operation === 'GetRecords' && left-- > 0 ? FAULTS.notFound : undefined),
    });
    const put = model.put(ShardId, ...deletions(2));
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(sink.ended).toEqual([]);
    expect(sink.gaps).toEqual([]);
  });

  it.each([1, 3])('reads a new shard that is neither found nor listed %i times after it was listed', async (times) => {
    let left = 0;
    const { model, clock, ShardId, read, server } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const child = model.rollover(ShardId);
    const put = model.put(child, ...deletions(2));
    left = times;
    server.faults = (call) => {
      if (call.operation !== 'GetShardIterator' || call.ShardId !== child || left-- <= 0) return undefined;
      model.hide(child, { calls: 1 });
      return FAULTS.notFound;
    };
    await clock.advance(MINUTE);
    expect(left).toBeLessThan(0);
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(sink.ended).toEqual([ShardId]);
    expect(sink.gaps).toEqual([]);
    await stop();
  });

  it('ends a shard that is listed but never found, and records a gap', async () => {
    const { model, clock, shards, readOnce, memorySink, server } = await streamFixture({ shards: 2 });
    const [denied = '', other = ''] = shards;
    const sink = memorySink();
    for (const shard of shards) model.put(shard, ...deletions(1));
    await readOnce({ sink });
    const caughtUpAt = sink.checkpoints.get(denied)?.caughtUpAt;
    await clock.advance(HOUR);
    for (const shard of shards) model.put(shard, ...deletions(1));
    server.faults = ({ ShardId }) => (ShardId === denied ? FAULTS.notFound : undefined);
    const { outcome } = await readOnce({ sink });
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs(other)).toHaveLength(2);
    expect(sink.gaps).toMatchObject([{ ShardId: denied, from: caughtUpAt }]);
    expect(Date.parse(sink.gaps[0]?.to ?? '')).toBeGreaterThanOrEqual(
      caughtUpAt === undefined ? 0 : Date.parse(caughtUpAt) + HOUR,
    );
    expect(sink.ended).toEqual([denied]);
  });
});

describe('StreamReader: a stream that is gone', () => {
  function vanish({
    model,
    StreamArn,
    shards,
  }: Pick<Awaited<ReturnType<typeof streamFixture>>, 'model' | 'StreamArn' | 'shards'>) {
    for (const shard of shards) model.removeShard(shard);
    model.streams.delete(StreamArn);
  }

  it('ends as gone, without a gap when it was caught up within 24 hours', async () => {
    const fixture = await streamFixture({ shards: 3 });
    const { model, clock, shards, read } = fixture;
    for (const shard of shards) model.put(shard, ...deletions(1));
    const { sink, end, log } = read();
    await clock.advance(MINUTE);
    vanish(fixture);
    expect(await clock.runUntil(end)).toBe('gone');
    expect(sink.gaps).toEqual([]);
    expect(sink.ended.toSorted()).toEqual(shards.toSorted());
    expect(log.filter(({ level }) => level === 'warn')).toMatchObject([
      { event: 'stream.gone', facts: { forgotten: false } },
    ]);
  });

  it('records a gap for every shard that was not read to its end, when that is longer ago', async () => {
    const fixture = await streamFixture({ shards: 3 });
    const { model, clock, shards, readOnce, memorySink } = fixture;
    const sink = memorySink();
    model.close(shards[0] ?? '');
    await readOnce({ sink });
    await clock.advance(30 * HOUR);
    vanish(fixture);
    const { outcome } = await readOnce({ sink });
    expect(outcome).toBe('gone');
    expect(sink.gaps.map(({ ShardId }) => ShardId).toSorted()).toEqual(shards.slice(1).toSorted());
    const again = await readOnce({ sink });
    expect(again.outcome).toBe('gone');
    expect(sink.gaps).toHaveLength(2);
  });

  it('delivers the pages in flight before it ends their shards', async () => {
    const fixture = await streamFixture({ shards: 2, settings: { cutPage: () => 1 } });
    const { model, clock, shards, read } = fixture;
    for (const shard of shards) model.put(shard, ...deletions(3));
    const { sink, end } = read({ write: () => clock.sleep(SECOND) });
    await clock.advance(10);
    vanish(fixture);
    expect(await clock.runUntil(end)).toBe('gone');
    for (const shard of shards) expect(sink.eventIDs(shard).length).toBeGreaterThan(0);
    expect(sink.ended.toSorted()).toEqual(shards.toSorted());
  });

  it('ends no shard whose page could not be written', async () => {
    const fixture = await streamFixture({ settings: { cutPage: () => 1 } });
    const { model, clock, ShardId, read } = fixture;
    model.put(ShardId, ...deletions(3));
    const { sink, end } = read({
      write: async () => {
        await clock.sleep(SECOND);
        throw new Error('The disk is full.');
      },
    });
    await clock.advance(10);
    vanish(fixture);
    await expect(clock.runUntil(end)).rejects.toThrow('The disk is full');
    expect(sink.lines).toEqual([]);
  });

  it('logs that DynamoDB Local has forgotten the stream, without a gap', async () => {
    const fixture = await streamFixture({ region: 'ddblocal' });
    const { model, clock, ShardId, readOnce, memorySink } = fixture;
    const sink = memorySink();
    model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    await clock.advance(30 * HOUR);
    vanish(fixture);
    const { outcome, log } = await readOnce({ sink });
    expect(outcome).toBe('gone');
    expect(sink.gaps).toEqual([]);
    expect(sink.ended).toEqual([ShardId]);
    expect(log).toMatchObject([{ level: 'warn', event: 'stream.gone', facts: { forgotten: true } }]);
  });

  describe('that no run has read', () => {
    const reason = 'the stream was gone before it was read';

    it('records a gap since `promisedSince`, only when that is more than 24 hours ago', async () => {
      const fixture = await streamFixture();
      const { clock, readOnce, memorySink } = fixture;
      vanish(fixture);
      const promisedSince = clock.now();
      await clock.advance(24 * HOUR);
      const early = await readOnce({ promisedSince });
      expect(early.sink.lines).toEqual([]);
      await clock.advance(HOUR);
      const sink = memorySink();
      const to = iso(clock.now() - 24 * HOUR + MINUTE);
      const { outcome } = await readOnce({ sink, promisedSince });
      expect(outcome).toBe('gone');
      expect(sink.gaps).toMatchObject([{ ShardId: '*', from: iso(promisedSince), to, reason }]);
      await readOnce({ sink, promisedSince });
      expect(sink.gaps).toHaveLength(1);
    });

    it('records no gap without `promisedSince`, nor when DynamoDB Local has forgotten it', async () => {
      for (const region of ['us-east-1', 'ddblocal']) {
        const fixture = await streamFixture({ region });
        vanish(fixture);
        const promised = region === 'ddblocal' ? { promisedSince: fixture.clock.now() - 30 * HOUR } : {};
        expect((await fixture.readOnce(promised)).sink.lines).toEqual([]);
      }
    });

    it('records no gap when it disappears while it is read', async () => {
      const fixture = await streamFixture();
      const { model, clock, ShardId, read } = fixture;
      model.put(ShardId, ...deletions(1));
      const { sink, end } = read({ promisedSince: clock.now() - 23 * HOUR });
      await clock.advance(2 * HOUR);
      vanish(fixture);
      expect(await clock.runUntil(end)).toBe('gone');
      expect(sink.gaps).toEqual([]);
    });
  });

  it('records no gap when it was read before and has no shards left', async () => {
    const { model, clock, shards, readOnce, memorySink } = await streamFixture();
    model.disableStream('T');
    const sink = memorySink();
    await readOnce({ sink });
    const promisedSince = clock.now();
    await clock.advance(30 * HOUR);
    for (const shard of shards) model.removeShard(shard);
    await readOnce({ sink, promisedSince });
    expect(sink.gaps).toEqual([]);
  });
});
