import { describe, expect, it } from 'vitest';
import type { ChangeRecord, RecordsPage } from '../../../src/ports/index.js';
import { isCaughtUp, newShardState, type ShardState } from '../../../src/shards/shard-state.js';
import { takePage } from '../../../src/shards/take-page.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const at = new Date(NOW).toISOString();
const start = (position?: string): ShardState =>
  newShardState(
    { ShardId: 's' },
    position === undefined ? undefined : { stream: 'arn', ShardId: 's', position, at },
    NOW,
  );
const record = (SequenceNumber: string, time = NOW): ChangeRecord => ({
  eventID: SequenceNumber,
  eventName: 'REMOVE',
  dynamodb: { Keys: {}, SequenceNumber, ApproximateCreationDateTime: Math.floor(time / 1000) },
});
const page = (...Records: ChangeRecord[]): RecordsPage => ({ Records, NextShardIterator: 'next', bytes: 100 });

/** The SequenceNumbers of a page's new records, and the shard's state after it. */
function take(shard: ShardState, sent: RecordsPage, askedAt = NOW): { numbers: string[]; shard: ShardState } {
  const { records, changes } = takePage(shard, sent, askedAt);
  return { numbers: records.map(({ dynamodb }) => dynamodb.SequenceNumber), shard: { ...shard, ...changes } };
}

describe('takePage', () => {
  it('moves the position to the last record, and keeps the next iterator', () => {
    const { numbers, shard } = take(start(), page(record('8'), record('10')));
    expect(numbers).toEqual(['8', '10']);
    expect(shard).toMatchObject({ position: '10', iterator: 'next', emptyPages: 0, lastRecordAt: NOW });
  });

  it('drops records that were read before, though their numbers differ in length', () => {
    expect(take(start('99'), page(record('98'), record('99'), record('100'))).numbers).toEqual(['100']);
  });

  it('drops a record that a page contains twice or out of order, so that positions only move forward', () => {
    const { numbers, shard } = take(start(), page(record('5'), record('5'), record('4'), record('6')));
    expect(numbers).toEqual(['5', '6']);
    expect(shard.position).toBe('6');
  });

  it('rejects a page with a SequenceNumber that is no number', () => {
    expect(() => take(start('99'), page(record('100'), record('x')))).toThrow('not a decimal number');
  });

  it('is caught up only after several empty pages in a row, at the time of the first of the last five', () => {
    let shard = start();
    for (let pages = 1; pages <= 4; pages++) shard = take(shard, page(), NOW + pages).shard;
    expect(isCaughtUp(shard)).toBe(false);
    expect(shard.caughtUpAt).toBeUndefined();
    shard = take(shard, page(), NOW + 5).shard;
    expect(isCaughtUp(shard)).toBe(true);
    expect(shard.caughtUpAt).toBe(NOW + 1);
    shard = take(shard, page(), NOW + 6).shard;
    expect(shard.caughtUpAt).toBe(NOW + 2);
    shard = take(shard, page(record('1', NOW - 60_000)), NOW + 7).shard;
    expect(isCaughtUp(shard)).toBe(false);
    expect(shard.caughtUpAt).toBe(NOW + 2);
  });

  it('has read up to the time of the last record, never up to the future of a wrong clock', () => {
    const { shard } = take(start(), page(record('1', NOW - 5000)));
    expect(shard.caughtUpAt).toBe(NOW - 5000);
    expect(take(shard, page(record('2', NOW + 3_600_000)), NOW + 1).shard.caughtUpAt).toBe(NOW + 1);
  });

  it('drops what is older than LATEST by more than the rounding of times, once the first iterator is lost', () => {
    const sent = page(record('1', NOW - 61_000), record('2', NOW - 59_000), record('3', NOW + 1000));
    const { numbers, shard } = take(start('LATEST'), sent);
    expect(numbers).toEqual(['2', '3']);
    expect(shard.fromHorizon).toBe(false);
  });
});
