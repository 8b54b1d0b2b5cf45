import { describe, expect, it } from 'vitest';
import { checkpointOf, iteratorStart, newShardState, withoutIterator } from '../../../src/shards/shard-state.js';

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
  newShardState({ ShardId: 's' }, position === undefined ? undefined : known(position, caughtUpAt), NOW);

describe('iteratorStart', () => {
  it('is after the position, or the horizon when there is none', () => {
    expect(iteratorStart(start())).toBe('TRIM_HORIZON');
    expect(iteratorStart(start('77'))).toEqual({ after: '77' });
  });

  it('is never LATEST in a later run', () => {
    expect(iteratorStart(start('LATEST'))).toBe('TRIM_HORIZON');
  });

  it('stays after the position when the iterator is lost, and is no longer LATEST', () => {
    const shard = start('77');
    expect(iteratorStart({ ...shard, ...withoutIterator(shard) })).toEqual({ after: '77' });
    const first = { ...start('LATEST'), fromHorizon: false };
    expect(iteratorStart(first)).toBe('LATEST');
    expect(iteratorStart({ ...first, ...withoutIterator(first) })).toBe('TRIM_HORIZON');
  });
});

describe('checkpointOf', () => {
  it('holds the position and up to when it was read', () => {
    expect(checkpointOf(start('7', NOW), 'arn', NOW + 1000, false)).toEqual({
      stream: 'arn',
      ShardId: 's',
      position: '7',
      caughtUpAt: at,
      at: new Date(NOW + 1000).toISOString(),
    });
  });

  it('keeps the moment that LATEST stands for', () => {
    for (const shard of [start('LATEST'), start('LATEST', NOW)]) {
      expect(checkpointOf(shard, 'arn', NOW + 5000, false)).toMatchObject({ position: 'LATEST', at });
    }
  });

  it('keeps the moment since which a shard that was not read yet is promised', () => {
    const later = { at: new Date(NOW + 5000).toISOString() };
    expect(checkpointOf(start(), 'arn', NOW + 5000, false)).toMatchObject({ position: 'TRIM_HORIZON', at });
    expect(checkpointOf(start(), 'arn', NOW - 5000, false)).toMatchObject({ at: new Date(NOW - 5000).toISOString() });
    expect(checkpointOf(start(), 'arn', NOW + 5000, true)).toMatchObject(later);
    expect(checkpointOf(start('TRIM_HORIZON', NOW), 'arn', NOW + 5000, false)).toMatchObject(later);
  });

  it('contains, for an ended shard, from when on its children are promised', () => {
    const shard = { ...start(), position: '7', caughtUpAt: NOW - 7_200_000 };
    expect(checkpointOf(shard, 'arn', NOW, true)).toMatchObject({ position: 'SHARD_END', caughtUpAt: at });
  });
});
