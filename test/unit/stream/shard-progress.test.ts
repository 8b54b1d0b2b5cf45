import { describe, expect, it } from 'vitest';
import type { ChangeRecord, RecordsPage } from '../../../src/ports/index.js';
import {
  checkpointOf,
  isCaughtUp,
  iteratorStart,
  loseIterator,
  readUpTo,
  startProgress,
  takePage,
} from '../../../src/stream/shard-progress.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const at = new Date(NOW).toISOString();
const known = (position: string, caughtUpAt?: number) => ({
  stream: 'arn',
  ShardId: 's',
  position,
  at,
  ...(caughtUpAt !== undefined && { caughtUpAt: new Date(caughtUpAt).toISOString() }),
});
const start = (position?: string, caughtUpAt?: number) =>
  startProgress({ ShardId: 's' }, position === undefined ? undefined : known(position, caughtUpAt), NOW);
const record = (SequenceNumber: string, time = NOW): ChangeRecord => ({
  eventID: SequenceNumber,
  eventName: 'REMOVE',
  dynamodb: { Keys: {}, SequenceNumber, ApproximateCreationDateTime: Math.floor(time / 1000) },
});
const page = (...Records: ChangeRecord[]): RecordsPage => ({ Records, NextShardIterator: 'next', bytes: 100 });
const numbers = (records: readonly ChangeRecord[]) => records.map(({ dynamodb }) => dynamodb.SequenceNumber);

describe('takePage', () => {
  it('moves the position to the last record, and takes the next iterator', () => {
    const progress = start();
    expect(numbers(takePage(progress, page(record('8'), record('10')), NOW))).toEqual(['8', '10']);
    expect(progress).toMatchObject({ position: '10', iterator: 'next', emptyPages: 0, lastRecordAt: NOW });
  });

  it('drops records that were delivered before, though their numbers differ in length', () => {
    const progress = start('99');
    expect(numbers(takePage(progress, page(record('98'), record('99'), record('100')), NOW))).toEqual(['100']);
  });

  it('drops a record that a page holds twice or out of order, so that positions only move forward', () => {
    const progress = start();
    expect(numbers(takePage(progress, page(record('5'), record('5'), record('4'), record('6')), NOW))).toEqual([
      '5',
      '6',
    ]);
    expect(progress.position).toBe('6');
  });

  it('changes nothing when a SequenceNumber is rubbish', () => {
    const progress = start('99');
    const before = { ...progress };
    expect(() => takePage(progress, page(record('100'), record('rubbish')), NOW)).toThrow('not a decimal number');
    expect(progress).toEqual(before);
  });

  it('is caught up only after several empty pages in a row, at the time of the first of the last five', () => {
    const progress = start();
    for (let pages = 1; pages <= 4; pages++) takePage(progress, page(), NOW + pages);
    expect(isCaughtUp(progress)).toBe(false);
    expect(progress.caughtUpAt).toBeUndefined();
    takePage(progress, page(), NOW + 5);
    expect(isCaughtUp(progress)).toBe(true);
    expect(progress.caughtUpAt).toBe(NOW + 1);
    takePage(progress, page(), NOW + 6);
    expect(progress.caughtUpAt).toBe(NOW + 2);
    takePage(progress, page(record('1', NOW - 60_000)), NOW + 7);
    expect(isCaughtUp(progress)).toBe(false);
    expect(progress.caughtUpAt).toBe(NOW + 2);
  });

  it('has read up to the time of the last record, never up to the future of a wrong clock', () => {
    const progress = start();
    takePage(progress, page(record('1', NOW - 5000)), NOW);
    expect(progress.caughtUpAt).toBe(NOW - 5000);
    takePage(progress, page(record('2', NOW + 3_600_000)), NOW + 1);
    expect(progress.caughtUpAt).toBe(NOW + 1);
  });

  it('drops what is older than LATEST by more than the rounding of times, once the first iterator is lost', () => {
    const progress = start('LATEST');
    const sent = page(record('1', NOW - 61_000), record('2', NOW - 59_000), record('3', NOW + 1000));
    expect(numbers(takePage(progress, sent, NOW))).toEqual(['2', '3']);
    expect(progress.fromHorizon).toBe(false);
  });
});

describe('iteratorStart', () => {
  it('is AFTER the position, and the horizon when there is none', () => {
    expect(iteratorStart(start())).toBe('TRIM_HORIZON');
    expect(iteratorStart(start('77'))).toEqual({ after: '77' });
  });

  it('is LATEST never again once an iterator was lost or the run is another', () => {
    expect(iteratorStart(start('LATEST'))).toBe('TRIM_HORIZON');
    const first = start('LATEST');
    first.fromHorizon = false;
    expect(iteratorStart(first)).toBe('LATEST');
    loseIterator(first);
    expect(iteratorStart(first)).toBe('TRIM_HORIZON');
  });

  it('stays AFTER the position when the iterator is lost', () => {
    const progress = start('77');
    loseIterator(progress);
    expect(iteratorStart(progress)).toEqual({ after: '77' });
  });
});

describe('checkpointOf', () => {
  it('holds the position and up to when it was read', () => {
    const progress = start();
    takePage(progress, page(record('7')), NOW);
    const caughtUpAt = at;
    expect(checkpointOf(progress, 'arn', NOW + 1000, false)).toEqual({
      stream: 'arn',
      ShardId: 's',
      position: '7',
      caughtUpAt,
      at: new Date(NOW + 1000).toISOString(),
    });
  });

  it('keeps the moment that LATEST stands for', () => {
    for (const progress of [start('LATEST'), start('LATEST', NOW)]) {
      expect(checkpointOf(progress, 'arn', NOW + 5000, false)).toMatchObject({ position: 'LATEST', at });
    }
  });

  it('keeps the moment since which a shard that was not read yet is promised', () => {
    const later = { at: new Date(NOW + 5000).toISOString() };
    expect(checkpointOf(start(), 'arn', NOW + 5000, false)).toMatchObject({ position: 'TRIM_HORIZON', at });
    expect(checkpointOf(start(), 'arn', NOW - 5000, false)).toMatchObject({ at: new Date(NOW - 5000).toISOString() });
    expect(checkpointOf(start(), 'arn', NOW + 5000, true)).toMatchObject(later);
    expect(checkpointOf(start('TRIM_HORIZON', NOW), 'arn', NOW + 5000, false)).toMatchObject(later);
  });

  it('says of an ended shard from when on its children are promised', () => {
    const progress = start();
    takePage(progress, page(record('7', NOW - 7_200_000)), NOW);
    expect(readUpTo(progress)).toBe(NOW);
    expect(checkpointOf(progress, 'arn', NOW, true)).toMatchObject({ position: 'SHARD_END', caughtUpAt: at });
  });
});
