import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../src/ports/index.js';
import { Lineage } from '../../../src/stream/lineage.js';
import { startProgress } from '../../../src/stream/shard-progress.js';

const NOW = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;

function shard(ShardId: string, ParentShardId?: string, known?: Partial<Checkpoint>) {
  const checkpoint = { stream: 'arn', ShardId, position: 'TRIM_HORIZON', at: new Date(NOW).toISOString(), ...known };
  const listed = { ShardId, ...(ParentShardId !== undefined && { ParentShardId }) };
  return startProgress(listed, known === undefined ? undefined : checkpoint, NOW);
}

function lineageOf(...added: ReturnType<typeof shard>[]) {
  const lineage = new Lineage();
  lineage.add(added);
  return lineage;
}

const states = (lineage: Lineage) =>
  Object.fromEntries([...lineage.shards].map(([ShardId, { state }]) => [ShardId, state]));

describe('Lineage', () => {
  it('lets a child wait for its parent, in whichever order they are added', () => {
    expect(states(lineageOf(shard('child', 'parent'), shard('parent')))).toEqual({
      child: 'waiting',
      parent: 'reading',
    });
    expect(states(lineageOf(shard('parent'), shard('child', 'parent')))).toEqual({
      child: 'waiting',
      parent: 'reading',
    });
  });

  it('gives the children, and no grandchild, when a shard ends', () => {
    const parent = shard('p');
    const lineage = lineageOf(parent, shard('a', 'p'), shard('b', 'p'), shard('aa', 'a'));
    expect(lineage.end(parent).map(({ ShardId }) => ShardId)).toEqual(['a', 'b']);
    expect(states(lineage)).toEqual({ p: 'ended', a: 'reading', b: 'reading', aa: 'waiting' });
  });

  it('lets a child be read at once when its parent ended in an earlier run', () => {
    const lineage = lineageOf(shard('p', undefined, { position: 'SHARD_END' }), shard('a', 'p'));
    expect(states(lineage)).toEqual({ p: 'ended', a: 'reading' });
  });

  it('lets a child go on that was begun in an earlier run, whatever its parent', () => {
    const lineage = lineageOf(
      shard('a', 'unlisted', { position: '5' }),
      shard('b', 'unlisted', { position: 'LATEST' }),
    );
    expect(states(lineage)).toEqual({ a: 'reading', b: 'reading' });
    expect(lineage.unlistedParents(lineage.shards.values())).toEqual([]);
  });

  it('names the parents that no listing has shown, once each, until they are forgotten', () => {
    const lineage = lineageOf(shard('a', 'p'), shard('b', 'p'));
    expect(lineage.unlistedParents(lineage.shards.values())).toEqual([{ ShardId: 'p' }]);
    const asked = shard('p');
    lineage.add([asked]);
    expect(states(lineage)).toEqual({ a: 'waiting', b: 'waiting', p: 'reading' });
    expect(lineage.forget(asked).map(({ ShardId }) => ShardId)).toEqual(['a', 'b']);
    lineage.add([shard('c', 'p')]);
    expect(states(lineage)).toEqual({ a: 'reading', b: 'reading', c: 'reading' });
    expect(lineage.unlistedParents(lineage.shards.values())).toEqual([]);
  });

  it('knows a shard with children to be closed, even when the listing shows it open', () => {
    const parent = shard('p');
    const lineage = lineageOf(parent);
    expect(parent.closed).toBe(false);
    lineage.add([shard('a', 'p')]);
    expect(parent.closed).toBe(true);
    const late = shard('q');
    lineage.add([shard('b', 'q')]);
    lineage.add([late]);
    expect(late.closed).toBe(true);
  });

  it('takes a shard that is its own parent for one without', () => {
    expect(states(lineageOf(shard('a', 'a')))).toEqual({ a: 'reading' });
  });

  it('makes a circle readable when it is told to', () => {
    const lineage = lineageOf(shard('a', 'b'), shard('b', 'a'));
    expect(states(lineage)).toEqual({ a: 'waiting', b: 'waiting' });
    expect(lineage.breakCircle().map(({ ShardId, closed }) => [ShardId, closed])).toEqual([
      ['a', false],
      ['b', false],
    ]);
    expect(states(lineage)).toEqual({ a: 'reading', b: 'reading' });
  });

  it('hands on to a child up to when its parent was read', () => {
    const parent = shard('p', undefined, { position: '5', caughtUpAt: new Date(NOW - 30 * HOUR).toISOString() });
    const late = shard('late', 'p');
    const lineage = lineageOf(parent, shard('a', 'p'));
    lineage.end(parent);
    lineage.add([late]);
    expect(lineage.shards.get('a')?.knownSince).toBe(NOW - 30 * HOUR);
    expect(late.knownSince).toBe(NOW - 30 * HOUR);
  });

  it('promises nothing of a child from before its parent was known', () => {
    const parent = shard('p');
    parent.caughtUpAt = NOW - 30 * HOUR;
    const lineage = lineageOf(parent, shard('a', 'p'));
    lineage.end(parent);
    expect(lineage.shards.get('a')?.knownSince).toBe(NOW);
  });

  it('keeps no iterator of a shard that has ended', () => {
    const parent = shard('p');
    parent.iterator = 'x'.repeat(1000);
    lineageOf(parent).end(parent);
    expect(parent.iterator).toBeUndefined();
  });
});
