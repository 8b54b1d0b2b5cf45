import { describe, expect, it } from 'vitest';
import { applyLine, emptyState } from '../../../src/journal/journal-state.js';
import type { JournalLine } from '../../../src/ports/index.js';
import { checkpoint, item, plain, STREAM } from './journal-fixture.js';

function add(...lines: JournalLine[]) {
  const state = emptyState();
  for (const line of lines) applyLine(state, line);
  return plain({ state });
}

const heartbeat = (at: string, behind: string[] = []): JournalLine => ({
  type: 'heartbeat',
  stream: STREAM,
  at,
  behind,
  getRecordsCalls: 5,
});

const open = (file: string, length: number) => checkpoint('1', { segments: [{ file, length }] });

describe('applyLine', () => {
  it('counts items and bytes, and keeps first and last time', () => {
    const state = add(
      item(1),
      checkpoint('1', { at: '2026-01-01' }),
      item(2),
      item(3),
      checkpoint('3', { at: '2026-01-02' }),
    );
    expect(state).toMatchObject({ items: 3, bytes: 300, firstAt: '2026-01-01', lastAt: '2026-01-02' });
  });

  it('keeps the last checkpoint of each shard of each stream, without its segments', () => {
    const other = checkpoint('5', { stream: 'other' });
    const { type: _, ...kept } = other;
    const state = add(
      checkpoint('1', { caughtUpAt: '2026' }),
      other,
      checkpoint('2', { segments: [{ file: 'f', length: 1 }] }),
    );
    expect(state.checkpoints).toEqual([
      { stream: STREAM, ShardId: 'shard-1', position: '2', at: '2026-11-23T12:00:00.000Z' },
      kept,
    ]);
  });

  it('keeps that no child of an ended shard was listed, until its next checkpoint', () => {
    const ended = checkpoint('SHARD_END', { ShardId: 'a', childless: true });
    const shardOf = (...lines: JournalLine[]) => {
      const state = emptyState();
      for (const line of lines) applyLine(state, line);
      return state.checkpoints.get(STREAM)?.get('a');
    };
    expect(shardOf(ended)).toMatchObject({ position: 'SHARD_END', childless: true });
    expect(shardOf(ended, checkpoint('SHARD_END', { ShardId: 'a' }))).not.toHaveProperty('childless');
  });

  it('keeps the length of segments until they are closed', () => {
    const closed = checkpoint('1', { segments: [{ file: 'a', length: 9, closed: true }] });
    expect(add(open('a', 3), open('b', 4), open('b', 8), closed).openSegments).toEqual({ b: 8 });
  });

  it('raises the caught-up time on a heartbeat, but not of shards that are behind, ended, or caught up later', () => {
    const state = add(
      checkpoint('1', { ShardId: 'never' }),
      checkpoint('1', { ShardId: 'earlier', caughtUpAt: '2026-01-01' }),
      checkpoint('1', { ShardId: 'later', caughtUpAt: '2026-03-01' }),
      checkpoint('1', { ShardId: 'behind' }),
      checkpoint('SHARD_END', { ShardId: 'ended' }),
      checkpoint('1', { ShardId: 'never', stream: 'other' }),
      heartbeat('2026-02-01', ['behind']),
    );
    expect(state.checkpoints.map(({ ShardId, caughtUpAt }) => [ShardId, caughtUpAt])).toEqual([
      ['never', '2026-02-01'],
      ['earlier', '2026-02-01'],
      ['later', '2026-03-01'],
      ['behind', undefined],
      ['ended', undefined],
      ['never', undefined],
    ]);
    expect(state.getRecordsCalls).toBe(5);
  });

  it('drops the ended shards that a heartbeat names, and counts them', () => {
    const state = add(
      checkpoint('SHARD_END', { ShardId: 'a' }),
      checkpoint('SHARD_END', { ShardId: 'b' }),
      checkpoint('SHARD_END', { ShardId: 'a', stream: 'other' }),
      checkpoint('7', { ShardId: 'open' }),
      { ...heartbeat('2026-02-01'), type: 'heartbeat', dropped: ['a', 'open', 'nobody'] } as JournalLine,
    );
    expect(state.checkpoints.map(({ stream, ShardId }) => [stream, ShardId])).toEqual([
      [STREAM, 'b'],
      [STREAM, 'open'],
      ['other', 'a'],
    ]);
    expect([...state.droppedShards]).toEqual([[STREAM, 1]]);
  });

  it('replaces checkpoints and never changes them in place', () => {
    const state = emptyState();
    applyLine(state, checkpoint('1'));
    const held = state.checkpoints.get(STREAM)?.get('shard-1');
    const before = structuredClone(held);
    applyLine(state, heartbeat('2026-12-01'));
    expect(held).toEqual(before);
    expect(state.checkpoints.get(STREAM)?.get('shard-1')).toMatchObject({ caughtUpAt: '2026-12-01' });
  });

  it('does not change the lines', () => {
    const line = checkpoint('1');
    add(line, heartbeat('2026-02-01'));
    expect(line).toEqual(checkpoint('1'));
  });

  it('lists gaps', () => {
    const gap = { stream: STREAM, ShardId: 's', to: '2026', reason: 'trimmed', at: '2026' };
    expect(add({ type: 'gap', ...gap }).gaps).toEqual([gap]);
  });
});
