import { describe, expect, it } from 'vitest';
import { advanceUntil, deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: following', () => {
  it('polls an idle shard at most 720 times an hour, since GetRecords calls are billed', async () => {
    const { clock, server, read } = await streamFixture();
    const { stop } = read();
    await clock.advance(MINUTE);
    server.calls.reset();
    await clock.advance(HOUR / 4);
    expect(server.calls.count('GetRecords')).toBeLessThanOrEqual(720 / 4);
    expect(server.calls.count('GetRecords')).toBeGreaterThanOrEqual(720 / 4 - 1);
    await stop();
  });

  it('delivers a record within maxPollInterval, and the next ones within pollInterval', async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(5 * MINUTE);
    const putAt = clock.now();
    const put = model.put(ShardId, ...deletions(1));
    await advanceUntil(clock, () => sink.eventIDs().length === 1, 10);
    expect(clock.now() - putAt).toBeLessThanOrEqual(5 * SECOND);
    const again = clock.now();
    put.push(...model.put(ShardId, ...deletions(1)));
    await advanceUntil(clock, () => sink.eventIDs().length === 2, 10);
    expect(clock.now() - again).toBeLessThanOrEqual(260);
    expect(sink.eventIDs()).toEqual(idsOf(put));
    await stop();
  });

  it('reads a backlog without waiting', async () => {
    const { model, clock, ShardId, read } = await streamFixture({ settings: { cutPage: () => 10 } });
    model.put(ShardId, ...deletions(200));
    await clock.advance(HOUR);
    const { sink, stop } = read();
    await clock.advance(0);
    expect(sink.eventIDs()).toHaveLength(200);
    await stop();
  });

  it('finds a new shard without a parent within half a minute', async () => {
    const { model, clock, StreamArn, read } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(MINUTE);
    const other = model.createTable({ TableName: 'U' });
    const [moved] = model.streams.get(other.StreamArn)?.shards ?? [];
    const stream = model.streams.get(StreamArn);
    if (moved === undefined || stream === undefined) throw new Error('No shard was made.');
    stream.shards.push(Object.assign(moved, { stream }));
    model.put(moved.ShardId, ...deletions(1));
    await clock.advance(40 * SECOND);
    expect(sink.eventIDs()).toHaveLength(1);
    await stop();
  });

  it.each(['between two calls', 'during a call'])('reads on when the clock is set back by an hour %s', async (when) => {
    let back = 0;
    const { model, clock, shards, read, server } = await streamFixture({ shards: 2 });
    const { sink, stop } = read({ setBack: () => back });
    await clock.advance(MINUTE);
    if (when === 'between two calls') back = HOUR;
    server.faults = () => {
      back = HOUR;
      return undefined;
    };
    const put = shards.flatMap((shard) => model.put(shard, ...deletions(1)));
    await clock.advance(MINUTE);
    expect(sink.eventIDs().toSorted()).toEqual(idsOf(put).toSorted());
    put.push(...shards.flatMap((shard) => model.put(shard, ...deletions(1))));
    await clock.advance(MINUTE);
    expect(sink.eventIDs().toSorted()).toEqual(idsOf(put).toSorted());
    await stop();
  });
});
