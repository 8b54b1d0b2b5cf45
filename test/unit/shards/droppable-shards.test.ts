import { describe, expect, it } from 'vitest';
import { type AgingShard, droppableShards, MAX_DROPPED } from '../../../src/shards/droppable-shards.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 23, 12);

const ended = (ShardId: string, hoursAgo: number | undefined, ParentShardId?: string): AgingShard => ({
  ShardId,
  ParentShardId,
  status: 'ended',
  endedAt: hoursAgo === undefined ? undefined : NOW - hoursAgo * HOUR,
});
const open = (ShardId: string, ParentShardId?: string): AgingShard => ({
  ShardId,
  ParentShardId,
  status: 'waiting',
  endedAt: undefined,
});

const drop = (shards: readonly AgingShard[], needed: readonly string[] = []) =>
  droppableShards(shards, { now: NOW, isNeeded: (ShardId) => needed.includes(ShardId) });

describe('droppableShards', () => {
  it('drops shards that ended longer ago than the retention and a day', () => {
    expect(drop([ended('old', 49), ended('young', 47), open('o')])).toEqual(['old']);
  });

  it('keeps a shard whose end time is in doubt', () => {
    expect(drop([ended('a', undefined), open('o')])).toEqual([]);
  });

  it('keeps a shard that is needed, and drops the others', () => {
    expect(drop([ended('listed', 90), ended('a', 80), open('o')], ['listed'])).toEqual(['a']);
  });

  it('keeps the parent of a shard that has not ended: what that is promised follows from it', () => {
    expect(drop([ended('p', 90), open('c', 'p')])).toEqual([]);
  });

  it('keeps the children of a shard that is kept, or the stream would be listed for them', () => {
    expect(drop([ended('p', 90), ended('c', 80, 'p'), ended('g', 70, 'c'), open('o')], ['p'])).toEqual([]);
  });

  it('drops parents before children, whatever order they come in, and no more than one line may hold', () => {
    const ids = Array.from({ length: MAX_DROPPED + 5 }, (_, index) => `s${index}`);
    const chain = ids.map((ShardId, index) => ended(ShardId, 99 + ids.length - index, ids[index - 1]));
    expect(drop([...chain.toReversed(), open('o')])).toEqual(ids.slice(0, MAX_DROPPED));
  });

  it('never drops the last shard', () => {
    expect(drop([ended('a', 99), ended('b', 98)])).toEqual(['a']);
    expect(drop([ended('b', 98)])).toEqual([]);
  });
});
