import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../support/streams-server.js';
import { advanceUntil, deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: a shard iterator expires after 15 minutes', () => {
  it('renews it AFTER the last delivered SequenceNumber, never with LATEST', async () => {
    const { model, clock, ShardId, read, inputs, server } = await streamFixture();
    const before = model.put(ShardId, ...deletions(3));
    const { sink, stop } = read();
    await clock.advance(10 * SECOND);
    expect(sink.eventIDs()).toEqual(idsOf(before));
    // What comes in while no iterator is valid is what LATEST would lose.
    model.expireIterators();
    const after = model.put(ShardId, ...deletions(3));
    await clock.advance(10 * SECOND);
    await stop();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf([...before, ...after]));
    expect(server.calls.entries.some(({ outcome }) => outcome === 'ExpiredIteratorException')).toBe(true);
    expect(inputs('GetShardIterator')).toMatchObject([
      { ShardIteratorType: 'TRIM_HORIZON' },
      { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: before[2]?.SequenceNumber },
    ]);
  });

  it('reads on after a laptop slept for an hour', async () => {
    const { model, clock, ShardId, read, inputs } = await streamFixture({
      settings: { iteratorLifeMs: 15 * MINUTE },
      listDirectly: true,
    });
    const before = model.put(ShardId, ...deletions(1));
    const { sink, stop, log } = read({ pace: { pollInterval: HOUR, maxPollInterval: HOUR } });
    await clock.advance(SECOND);
    await clock.advance(30 * MINUTE);
    const after = model.put(ShardId, ...deletions(1));
    await clock.advance(HOUR);
    await stop();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf([...before, ...after]));
    expect(inputs('GetShardIterator').length).toBeGreaterThan(1);
    expect(log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(sink.gaps).toEqual([]);
  });

  it('starts again at the horizon when nothing was delivered yet', async () => {
    const { model, clock, ShardId, read, inputs } = await streamFixture();
    const { sink, stop } = read();
    await clock.advance(SECOND);
    model.expireIterators();
    const put = model.put(ShardId, ...deletions(1));
    await clock.advance(10 * SECOND);
    await stop();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
    expect(inputs('GetShardIterator')).toMatchObject([
      { ShardIteratorType: 'TRIM_HORIZON' },
      { ShardIteratorType: 'TRIM_HORIZON' },
    ]);
  });

  it('loses nothing when every second iterator is invalid from the start, and keeps the log short', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture({ settings: { cutPage: () => 2 } });
    const put = model.put(ShardId, ...deletions(40));
    server.faults = ({ operation, number }) =>
      operation === 'GetRecords' && number % 3 !== 0 ? FAULTS.expiredIterator : undefined;
    const { sink, stop, log } = read();
    await advanceUntil(clock, () => sink.eventIDs().length === 40);
    await stop();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
    expect(log.length).toBeLessThan(5);
  });

  it('waits longer and longer when every iterator is invalid from the start, and logs the count', async () => {
    const { clock, server, read } = await streamFixture({
      faults: ({ operation }) => (operation === 'GetRecords' ? FAULTS.expiredIterator : undefined),
    });
    const { stop, log } = read();
    await clock.advance(10 * MINUTE);
    expect(server.calls.count('GetRecords')).toBeLessThan(80);
    const told = log.filter(({ level }) => level === 'warn');
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThanOrEqual(21);
    await stop();
  });
});
