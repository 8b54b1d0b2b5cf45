import { describe, expect, it } from 'vitest';
import type { JournalLine } from '../../../src/ports/index.js';
import { adoptListing } from '../../../src/shards/adopt-listing.js';
import type { Effect } from '../../../src/shards/effects.js';
import { onChildless, onGuessNotFound, onHorizon, onNotFound, onTrimmed } from '../../../src/shards/lost-shards.js';
import { ShardGraph } from '../../../src/shards/shard-graph.js';
import type { ShardState } from '../../../src/shards/shard-state.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

/** A graph with one shard that was read to position 7, and caught up so many hours ago. */
function readUntil(hours: number): { graph: ShardGraph; shard: ShardState } {
  const caughtUpAt = iso(NOW - hours * HOUR);
  const known = new Map([['s', { stream: 'arn', ShardId: 's', position: '7', at: caughtUpAt, caughtUpAt }]]);
  return graphWith('s', new ShardGraph({ StreamArn: 'arn', once: false, known }, NOW), { ShardId: 's' });
}

function graphWith(ShardId: string, graph: ShardGraph, ...shards: { ShardId: string; ParentShardId?: string }[]) {
  adoptListing(graph, { shards, whole: true, StreamStatus: 'ENABLED' }, NOW);
  const shard = graph.lineage.shards.get(ShardId);
  if (shard === undefined) throw new Error(`The graph has no shard ${ShardId}.`);
  return { graph, shard };
}

/** What is committed, which has to be one commit. */
function committed(effects: readonly Effect[] | undefined): readonly JournalLine[] {
  const commits = (effects ?? []).flatMap((effect) => (effect.type === 'commit' ? [effect.lines] : []));
  expect(commits.length).toBeLessThanOrEqual(1);
  return commits[0] ?? [];
}

const logged = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.type === 'log' ? [effect.level] : []));

const gap = {
  type: 'gap',
  from: iso(NOW - 30 * HOUR),
  to: iso(NOW - 24 * HOUR + 60_000),
  at: iso(NOW),
  ShardId: 's',
  stream: 'arn',
};

describe('onTrimmed', () => {
  it('finds nothing lost when the shard was caught up within 24 hours, and reads on from the horizon', () => {
    const { graph, shard } = readUntil(23);
    const effects = onTrimmed(graph, shard, NOW);
    expect(committed(effects)).toMatchObject([{ type: 'checkpoint', position: '7' }]);
    expect(logged(effects)).toEqual(['info']);
    expect(graph.opening(shard)).toBe('TRIM_HORIZON');
  });

  it('commits from when to when records may be lost, together with the checkpoint, and only once', () => {
    const { graph, shard } = readUntil(30);
    const effects = onTrimmed(graph, shard, NOW);
    expect(committed(effects)).toMatchObject([
      { ...gap, cause: 'position-trimmed' },
      { type: 'checkpoint', position: '7', caughtUpAt: gap.to },
    ]);
    expect(logged(effects)).toEqual(['error']);
    expect(onTrimmed(graph, shard, NOW + 1000)).toEqual([]);
  });
});

describe('onHorizon', () => {
  it('finds a loss without an exception, once', () => {
    const { graph, shard } = readUntil(30);
    expect(committed(onHorizon(graph, shard, NOW))[0]).toMatchObject({ ...gap, cause: 'started-late' });
    expect(onHorizon(graph, shard, NOW + 1000)).toEqual([]);
  });

  it('finds none of a shard that was caught up within 24 hours', () => {
    const { graph, shard } = readUntil(23);
    expect(onHorizon(graph, shard, NOW)).toEqual([]);
  });
});

describe('onChildless', () => {
  it('records children that may have been trimmed, by the same rule, and leaves the shard ended', () => {
    expect(onChildless(readUntil(23).graph, ['s'], NOW)).toEqual([]);
    expect(committed(onChildless(readUntil(30).graph, ['s'], NOW))).toMatchObject([
      { ...gap, cause: 'children-unlisted' },
      { type: 'checkpoint', position: 'SHARD_END' },
    ]);
  });
});

describe('onNotFound', () => {
  it('ends a shard that is neither listed nor young, with a gap, and releases its children', () => {
    const { graph, shard } = readUntil(30);
    graphWith('s', graph, { ShardId: 's' }, { ShardId: 'child', ParentShardId: 's' });
    const effects = onNotFound(graph, shard, false, NOW) ?? [];
    expect(committed(effects)).toMatchObject([
      { ...gap, cause: 'shard-gone' },
      { type: 'checkpoint', position: 'SHARD_END' },
    ]);
    const types = effects.map(({ type }) => type);
    expect(types.indexOf('poll')).toBeGreaterThan(types.indexOf('commit'));
  });

  it('believes the eighth answer in a row about a shard that is listed, with a gap up to now', () => {
    const { graph, shard } = readUntil(1);
    for (let answer = 1; answer < 8; answer++) expect(onNotFound(graph, shard, true, NOW)).toBeUndefined();
    expect(committed(onNotFound(graph, shard, true, NOW))).toMatchObject([
      { cause: 'shard-not-found', from: iso(NOW - HOUR), to: iso(NOW) },
      { type: 'checkpoint', position: 'SHARD_END' },
    ]);
  });

  it('believes the eighth answer about a shard that is not listed and too young to be trimmed, without a gap', () => {
    const { graph, shard } = readUntil(23);
    for (let answer = 1; answer < 8; answer++) expect(onNotFound(graph, shard, false, NOW)).toBeUndefined();
    expect(committed(onNotFound(graph, shard, false, NOW))).toMatchObject([
      { type: 'checkpoint', position: 'SHARD_END' },
    ]);
  });
});

describe('onGuessNotFound', () => {
  it('records that ancestors may be lost, too, and releases the children', () => {
    const known = new Map([
      ['old', { stream: 'arn', ShardId: 'old', position: '7', at: gap.from, caughtUpAt: gap.from }],
    ]);
    const graph = new ShardGraph({ StreamArn: 'arn', once: false, known }, NOW);
    graph.known.checkTimes({ now: NOW, isKnown: true, machineNow: NOW });
    const { shard } = graphWith('p', graph, { ShardId: 'old' }, { ShardId: 'child', ParentShardId: 'p' });
    const effects = onGuessNotFound(graph, shard, NOW);
    expect(committed(effects)[0]).toMatchObject({ ...gap, ShardId: 'p', cause: 'shard-gone', scope: 'ancestors' });
    expect(effects.at(-1)).toMatchObject({ type: 'poll', shard: { ShardId: 'child' } });
  });
});
