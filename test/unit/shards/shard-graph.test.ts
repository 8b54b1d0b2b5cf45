import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ChangeRecord, Checkpoint, Shard } from '../../../src/ports/index.js';
import { adoptListing, releaseStuck } from '../../../src/shards/adopt-listing.js';
import type { Effect } from '../../../src/shards/effects.js';
import type { ShardGraphOptions } from '../../../src/shards/known-shards.js';
import { ShardGraph } from '../../../src/shards/shard-graph.js';
import { heartbeatOf } from '../../../src/shards/shard-report.js';
import type { ShardState } from '../../../src/shards/shard-state.js';

const NOW = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

function graphOf(known: readonly Partial<Checkpoint>[] = [], options: Partial<ShardGraphOptions> = {}): ShardGraph {
  const checkpoints = known.map((checkpoint): [string, Checkpoint] => {
    const whole = { stream: 'arn', ShardId: '', position: 'TRIM_HORIZON', at: iso(NOW), ...checkpoint };
    return [whole.ShardId, whole];
  });
  return new ShardGraph({ StreamArn: 'arn', once: false, known: new Map(checkpoints), ...options }, NOW);
}

/** `'child < parent'`, `'shard'`, and `'shard.'` for one that the listing shows closed. */
function listed(...names: string[]): Shard[] {
  return names.map((name) => {
    const [child = '', ParentShardId] = name.split(' < ');
    return {
      ShardId: child.replace('.', ''),
      ...(ParentShardId !== undefined && { ParentShardId }),
      ...(child.endsWith('.') && { SequenceNumberRange: { EndingSequenceNumber: '9' } }),
    };
  });
}

const list = (graph: ShardGraph, ...names: string[]): Effect[] =>
  adoptListing(graph, { shards: listed(...names), whole: true, StreamStatus: 'ENABLED' }, NOW);

const polled = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.type === 'poll' ? [effect.shard.ShardId] : []));

const lazily = (effects: readonly Effect[]): Checkpoint[] =>
  effects.flatMap((effect) => (effect.type === 'checkpoint-lazily' ? [effect.checkpoint] : []));

function shardOf(graph: ShardGraph, ShardId: string): ShardState {
  const shard = graph.lineage.shards.get(ShardId);
  if (shard === undefined) throw new Error(`The graph has no shard ${ShardId}.`);
  return shard;
}

const record = (SequenceNumber: string): ChangeRecord => ({
  eventID: SequenceNumber,
  eventName: 'REMOVE',
  dynamodb: { Keys: {}, SequenceNumber, ApproximateCreationDateTime: NOW / 1000 },
});

/** The shard's last page comes and is committed. */
function readToEnd(graph: ShardGraph, ShardId: string): Effect[] {
  const shard = shardOf(graph, ShardId);
  graph.take(shard, { Records: [], bytes: 2 }, NOW, NOW);
  return graph.committed(shard, true, NOW);
}

describe('ShardGraph: lineage', () => {
  it.each([[['child < parent', 'parent']], [['parent', 'child < parent']]])(
    'polls a parent, and its child only after its end, when %s are listed',
    (names) => {
      const graph = graphOf();
      expect(polled(list(graph, ...names))).toEqual(['parent']);
      expect(polled(readToEnd(graph, 'parent'))).toEqual(['child']);
    },
  );

  it('polls the children, and no grandchild, when a shard ends', () => {
    const graph = graphOf();
    list(graph, 'p', 'a < p', 'b < p', 'aa < a');
    expect(polled(readToEnd(graph, 'p'))).toEqual(['a', 'b']);
  });

  it('does not poll a child before the end of its parent is committed', () => {
    const graph = graphOf();
    list(graph, 'p', 'a < p');
    graph.take(shardOf(graph, 'p'), { Records: [], bytes: 2 }, NOW, NOW);
    expect(polled(list(graph, 'p.', 'a < p', 'b < p'))).toEqual([]);
    expect(polled(graph.committed(shardOf(graph, 'p'), true, NOW))).toEqual(['a', 'b']);
  });

  it('polls a child at once when its parent ended in an earlier run', () => {
    const graph = graphOf([{ ShardId: 'p', position: 'SHARD_END' }]);
    expect(polled(list(graph, 'p', 'a < p'))).toEqual(['a']);
  });

  it('polls a child that an earlier run began, whatever its parent', () => {
    const graph = graphOf([
      { ShardId: 'a', position: '5' },
      { ShardId: 'b', position: 'LATEST' },
    ]);
    expect(polled(list(graph, 'a < unlisted', 'b < unlisted'))).toEqual(['a', 'b']);
  });

  it('polls a parent that no listing has shown, once, and the children when it does not exist', () => {
    const graph = graphOf();
    expect(polled(list(graph, 'a < p', 'b < p'))).toEqual(['p']);
    expect(polled(list(graph, 'a < p', 'b < p'))).toEqual([]);
    expect(polled(graph.forget(shardOf(graph, 'p')))).toEqual(['a', 'b']);
    expect(polled(list(graph, 'a < p', 'b < p', 'c < p'))).toEqual(['c']);
  });

  it('replaces the assumed state of an unlisted parent when a listing shows it', () => {
    const graph = graphOf();
    list(graph, 'a < p');
    const guess = shardOf(graph, 'p');
    expect(polled(list(graph, 'a < p', 'p < g', 'g'))).toEqual(['g']);
    expect(graph.isReplaced(guess)).toBe(true);
    expect(graph.unfinished.has(guess)).toBe(false);
    expect(polled(readToEnd(graph, 'g'))).toEqual(['p']);
  });

  it('knows a shard with children to be closed, even when the listing shows it open', () => {
    const graph = graphOf();
    list(graph, 'p');
    expect(shardOf(graph, 'p').closed).toBe(false);
    list(graph, 'p', 'a < p');
    expect(shardOf(graph, 'p').closed).toBe(true);
  });

  it('ignores the parent of a shard that is its own parent', () => {
    expect(polled(list(graphOf(), 'a < a'))).toEqual(['a']);
  });

  it('polls shards that wait for each other in a cycle when nothing else is left', () => {
    const graph = graphOf();
    expect(polled(list(graph, 'a < b', 'b < a'))).toEqual([]);
    expect(polled(releaseStuck(graph))).toEqual(['a', 'b']);
    expect(shardOf(graph, 'a').closed).toBe(false);
  });

  it('with once, drops a shard that waits for one that is open and read up to the start', () => {
    const graph = graphOf([], { once: true });
    list(graph, 'p', 'a < p');
    graph.finish(shardOf(graph, 'p'));
    expect(releaseStuck(graph)).toEqual([]);
    expect(graph.unfinished.size).toBe(0);
  });

  it('with once, leaves out the children that an open shard gets after the first listing', () => {
    const graph = graphOf([], { once: true });
    list(graph, 'p');
    expect(list(graph, 'p', 'a < p')).toEqual([]);
    expect(graph.lineage.shards.has('a')).toBe(false);
  });
});

describe('ShardGraph: children that are listed late', () => {
  it('lists the stream when a shard ends without children, until a listing shows them', () => {
    const graph = graphOf();
    list(graph, 'p');
    const ended = readToEnd(graph, 'p');
    expect(ended).toContainEqual({ type: 'list' });
    expect([...graph.expectingChildren]).toEqual(['p']);
    const effects = list(graph, 'p.', 'a < p');
    expect(polled(effects)).toEqual(['a']);
    expect([...graph.expectingChildren]).toEqual([]);
  });

  it('marks the checkpoint of an end as childless, and removes the mark when a child is listed', () => {
    const graph = graphOf();
    list(graph, 'p');
    const taken = graph.take(shardOf(graph, 'p'), { Records: [], bytes: 2 }, NOW, NOW);
    expect(taken?.checkpoint).toMatchObject({ position: 'SHARD_END', childless: true });
    graph.committed(shardOf(graph, 'p'), true, NOW);
    const [checkpoint] = lazily(list(graph, 'p.', 'a < p'));
    expect(checkpoint).toMatchObject({ ShardId: 'p', position: 'SHARD_END' });
    expect(checkpoint).not.toHaveProperty('childless');
  });

  it('expects no children of a stream that was switched off when it was first listed', () => {
    const graph = graphOf();
    adoptListing(graph, { shards: listed('p'), whole: true, StreamStatus: 'DISABLED' }, NOW);
    expect(readToEnd(graph, 'p')).toEqual([]);
  });
});

describe('ShardGraph: what a child is promised', () => {
  const late = { ShardId: 'p', position: '5', caughtUpAt: iso(NOW - 30 * HOUR) };

  it('is everything since its parent was read', () => {
    const graph = graphOf([late]);
    list(graph, 'p', 'a < p');
    readToEnd(graph, 'p');
    list(graph, 'p', 'a < p', 'b < p');
    expect(shardOf(graph, 'a').knownSince).toBe(NOW - 30 * HOUR);
    expect(shardOf(graph, 'b').knownSince).toBe(NOW - 30 * HOUR);
  });

  it('is nothing from before its parent was known', () => {
    const graph = graphOf();
    list(graph, 'p', 'a < p');
    const old = { ...record('1'), dynamodb: { ...record('1').dynamodb, ApproximateCreationDateTime: 1 } };
    graph.take(shardOf(graph, 'p'), { Records: [old], bytes: 2 }, NOW, NOW);
    graph.committed(shardOf(graph, 'p'), true, NOW);
    expect(shardOf(graph, 'a').knownSince).toBe(NOW);
  });
});

describe('ShardGraph: pages', () => {
  it('archives nothing of an empty page, unless it is the last', () => {
    const graph = graphOf();
    list(graph, 's');
    const shard = shardOf(graph, 's');
    expect(graph.take(shard, { Records: [], NextShardIterator: 'i', bytes: 2 }, NOW, NOW)).toBeUndefined();
    expect(graph.take(shard, { Records: [], bytes: 2 }, NOW, NOW)?.checkpoint.position).toBe('SHARD_END');
  });

  it('reports a caught-up shard as behind while a page of it is not committed', () => {
    const graph = graphOf();
    list(graph, 's');
    const shard = shardOf(graph, 's');
    graph.take(shard, { Records: [record('1')], NextShardIterator: 'i', bytes: 9 }, NOW, NOW);
    for (let page = 0; page < 5; page++) {
      graph.take(shard, { Records: [], NextShardIterator: 'i', bytes: 2 }, NOW, NOW);
    }
    expect(heartbeatOf(graph, NOW).behind).toEqual(['s']);
    graph.committed(shard, false, NOW);
    expect(heartbeatOf(graph, NOW).behind).toEqual([]);
  });

  it('starts at LATEST once, and never after an iterator was lost', () => {
    const graph = graphOf([{ ShardId: 's', position: 'LATEST' }]);
    list(graph, 's');
    const shard = shardOf(graph, 's');
    graph.change(shard, { fromHorizon: false });
    expect(graph.opening(shard)).toBe('LATEST');
    expect(graph.opening(shard)).toBe('TRIM_HORIZON');
  });

  it('doubts once, after a hundred empty pages, that a shard is closed', () => {
    const graph = graphOf([], { once: true });
    list(graph, 's.');
    const shard = shardOf(graph, 's');
    const doubts = Array.from({ length: 150 }, () => {
      graph.take(shard, { Records: [], NextShardIterator: 'i', bytes: 2 }, NOW, NOW);
      return graph.doubtEnd(shard);
    });
    expect(doubts.filter(Boolean)).toHaveLength(1);
    expect(shard.closed).toBe(false);
  });

  it('keeps less than a kilobyte of a shard that has ended', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const graph = graphOf();
    const count = 5000;
    const names = Array.from({ length: count }, (_, index) => `shardId-${index}`);
    collect();
    const before = process.memoryUsage().heapUsed;
    list(graph, ...names.map((name, index) => (index === 0 ? name : `${name} < ${names[index - 1]}`)));
    for (const [index, name] of names.entries()) {
      const Records = Array.from({ length: 10 }, (_, number) => ({
        eventID: `${index}-${number}`,
        eventName: 'REMOVE',
        dynamodb: { Keys: { PK: { S: 'x'.repeat(1000) } }, SequenceNumber: `${index * 10 + number + 1}` },
      }));
      graph.take(shardOf(graph, name), { Records, bytes: 10_000, NextShardIterator: 'x'.repeat(500) }, 0, 0);
      graph.committed(shardOf(graph, name), false, NOW);
      readToEnd(graph, name);
    }
    collect();
    expect((process.memoryUsage().heapUsed - before) / count).toBeLessThan(1024);
    expect(graph.unfinished.size).toBe(0);
  });
});
