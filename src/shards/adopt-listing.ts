import type { Shard } from '../ports/index.js';
import { checkpointLazily, type Effect, poll } from './effects.js';
import type { ShardGraph } from './shard-graph.js';
import { isClosed, isGuess, type ShardState } from './shard-state.js';

/** What DescribeStream has returned. */
export interface Listing {
  readonly shards: readonly Shard[];
  /** All shards were requested, not only the children of some. */
  readonly whole: boolean;
  /** Of the last full listing. */
  readonly StreamStatus: string;
}

/** New shards are read, or wait for their parents. Nothing follows from a shard that a listing lacks. */
export function adoptListing(graph: ShardGraph, { shards, whole, StreamStatus }: Listing, now: number): Effect[] {
  const { known, lineage } = graph;
  const isFirst = lineage.shards.size === 0;
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  graph.listed(StreamStatus);
  const news = shards.filter((shard) => isNews(graph, shard, isFirst)).map((shard) => known.listedShard(shard, now));
  const added = isFirst ? news.concat(known.missingIn(listed, now)) : news;
  const effects = graph.add(added, now);
  for (const { ParentShardId = '' } of shards) effects.push(...foundChild(graph, ParentShardId, now));
  if (whole) known.listed(now, listed);
  for (const shard of added) effects.push(...welcome(graph, shard, listed.has(shard.ShardId), now));
  return effects;
}

/**
 * The first listing of a table's first run with `from: latest`, which leaves out what the stream holds already. No other
 * iterator may ever start at LATEST.
 */
export function adoptAtLatest(graph: ShardGraph, { shards, StreamStatus }: Listing, now: number): Effect[] {
  const { StreamArn: stream } = graph.options;
  const at = new Date(now).toISOString();
  const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
  graph.listed(StreamStatus);
  const lines = shards.map((shard) => {
    const position = isClosed(shard) || parents.has(shard.ShardId) ? 'SHARD_END' : 'LATEST';
    return { type: 'checkpoint', stream, ShardId: shard.ShardId, position, caughtUpAt: at, at } as const;
  });
  const added = shards.map((shard, index) => graph.known.listedShard(shard, now, lines[index]));
  for (const shard of added) graph.change(shard, { fromHorizon: false });
  const polls = graph.add(added, now);
  return lines.length > 0 ? [{ type: 'commit', lines }, ...polls] : polls;
}

/**
 * Nothing is due, and shards wait. With `once`, those that wait for an open shard that was read up to the start of the
 * run are younger than the run, which leaves them out. Shards that wait for each other in a cycle, which only a wrong
 * listing can show, are read.
 */
export function releaseStuck(graph: ShardGraph): Effect[] {
  const { unfinished } = graph;
  if (graph.options.once) for (const shard of unfinished) if (waitsForFinished(graph, shard)) graph.finish(shard);
  const waiting = [...unfinished].filter(({ status }) => status === 'waiting');
  // That they have children comes from the wrong listing.
  for (const shard of waiting) graph.change(shard, { status: 'reading', closed: false });
  return waiting.map(poll);
}

/** True when a listing shows more of a shard than is known. */
function isNews(graph: ShardGraph, shard: Shard, isFirst: boolean): boolean {
  const { shards } = graph.lineage;
  if (graph.lineage.wasDropped(shard.ShardId)) return false;
  const known = shards.get(shard.ShardId);
  if (known !== undefined) {
    if (!isGuess(known) && isClosed(shard)) graph.change(known, { closed: true });
    return isGuess(known);
  }
  // With `once` a child that an open shard got after the start of the run is left out.
  const parent = graph.lineage.parentOf(shard);
  return !graph.options.once || isFirst || parent === undefined || parent.status === 'ended';
}

function welcome(graph: ShardGraph, shard: ShardState, isListed: boolean, now: number): Effect[] {
  const { known } = graph;
  const { ShardId, status } = shard;
  const isNew = known.get(ShardId) === undefined;
  const effects = isNew ? [checkpointLazily(graph.checkpointOf(shard, now))] : [];
  const mayHaveChildren = status === 'ended' && (isListed || known.childless.has(ShardId));
  return mayHaveChildren ? [...effects, ...graph.expectChildren(ShardId)] : effects;
}

function foundChild(graph: ShardGraph, ShardId: string, now: number): Effect[] {
  graph.expectingChildren.delete(ShardId);
  const parent = graph.lineage.shards.get(ShardId);
  // While its end is being committed, it stays childless until the next listing.
  if (parent?.status !== 'ended' || !graph.known.childless.delete(ShardId)) return [];
  return [checkpointLazily(graph.checkpointOf(parent, now, true))];
}

function waitsForFinished({ lineage, unfinished }: ShardGraph, shard: ShardState): boolean {
  const seen = new Set<ShardState>();
  let ancestor: ShardState | undefined = shard;
  while (ancestor?.status === 'waiting' && !seen.has(ancestor)) {
    seen.add(ancestor);
    ancestor = lineage.parentOf(ancestor);
  }
  return ancestor?.status === 'reading' && !unfinished.has(ancestor);
}
