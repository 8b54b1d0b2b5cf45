import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../support/streams-server.js';
import { deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: --from latest', () => {
  it('reads only what comes after the first start, and commits where it begins before it reads', async () => {
    const { model, clock, ShardId, read, inputs } = await streamFixture();
    const ended = ShardId;
    model.put(ended, ...deletions(2));
    const open = model.rollover(ended);
    model.put(open, ...deletions(2));
    await clock.advance(HOUR);
    const { sink, stop } = read({ from: 'latest' });
    await clock.advance(SECOND);
    expect(sink.lines).toMatchObject([
      { ShardId: ended, position: 'SHARD_END' },
      { ShardId: open, position: 'LATEST' },
    ]);
    const put = model.put(open, ...deletions(2));
    await clock.advance(10 * SECOND);
    await stop();
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(inputs('GetShardIterator')).toMatchObject([{ ShardId: open, ShardIteratorType: 'LATEST' }]);
  });

  it('loses nothing when it restarts before any record has come', async () => {
    const { model, clock, ShardId, read, memorySink, inputs } = await streamFixture();
    model.put(ShardId, ...deletions(3)); // Before the start.
    await clock.advance(HOUR);
    const sink = memorySink();
    const first = read({ sink, from: 'latest' });
    await clock.advance(SECOND);
    await first.stop();
    await clock.advance(MINUTE);
    const between = model.put(ShardId, ...deletions(3));
    await clock.advance(MINUTE);
    const second = read({ sink, from: 'latest' });
    await clock.advance(10 * SECOND);
    await second.stop();
    expect(sink.eventIDs()).toEqual(idsOf(between));
    expect(inputs('GetShardIterator').map((input) => input['ShardIteratorType'])).toEqual(['LATEST', 'TRIM_HORIZON']);
  });

  it('loses nothing when the iterator expires before the first record', async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    const { sink, stop } = read({ from: 'latest' });
    await clock.advance(2 * MINUTE);
    model.expireIterators();
    const put = model.put(ShardId, ...deletions(3));
    await clock.advance(MINUTE);
    await stop();
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });

  it('loses nothing while GetShardIterator fails at LATEST', async () => {
    const { model, clock, ShardId, read, server } = await streamFixture();
    server.faults = ({ operation }) => (operation === 'GetShardIterator' ? FAULTS.internalError : undefined);
    const { sink, stop } = read({ from: 'latest' });
    await clock.advance(10 * MINUTE);
    const put = model.put(ShardId, ...deletions(3));
    server.faults = undefined;
    await clock.advance(MINUTE);
    await stop();
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });

  it("accepts what the iterator at LATEST returns although the machine's clock is fast", async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    const { sink, stop } = read({ from: 'latest' });
    await clock.advance(SECOND);
    const put = model.put(ShardId, ...deletions(3).map((change) => ({ ...change, at: clock.now() - 5 * MINUTE })));
    await clock.advance(10 * SECOND);
    await stop();
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });

  it('continues after the checkpoint when there is one', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    const before = model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    const between = model.put(ShardId, ...deletions(1));
    const { stop } = read({ sink, from: 'latest' });
    await clock.advance(10 * SECOND);
    await stop();
    expect(sink.eventIDs()).toEqual(idsOf([...before, ...between]));
  });

  it('records the gap when it restarts more than 24 hours later', async () => {
    const { model, clock, ShardId, read, memorySink } = await streamFixture();
    const sink = memorySink();
    const first = read({ sink, from: 'latest' });
    await clock.advance(SECOND);
    await first.stop();
    model.put(ShardId, ...deletions(1)); // Lost.
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    const second = read({ sink, from: 'latest' });
    await clock.advance(10 * SECOND);
    await second.stop();
    expect(sink.gaps).toHaveLength(1);
  });
});
