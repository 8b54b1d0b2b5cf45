import type { Gap, GapCause, GapScope } from '../ports/index.js';
import { checkpointLazily, commitLoss, type Effect, log } from './effects.js';
import { lossSince } from './loss.js';
import type { ShardGraph } from './shard-graph.js';
import { newShardState, readUpTo, type ShardState, withoutIterator } from './shard-state.js';

/**
 * Consecutive not-found answers about a shard that is listed, or too young to be trimmed, before they are believed: half
 * a minute of them, and less than `--once` waits for an endpoint.
 */
const MAX_NOT_FOUND_ANSWERS = 8;

/** Stands for the shards of a stream none of which is known by name. */
const ALL_SHARDS = '*';

/** What a gap says besides its times. */
interface Explanation {
  readonly cause: GapCause;
  readonly scope?: GapScope;
  readonly reason: string;
}

/** The position is older than the trim horizon: reading goes on from the horizon. */
export function onTrimmed(graph: ShardGraph, shard: ShardState, now: number): Effect[] {
  const wasAtHorizon = shard.fromHorizon || shard.position === 'TRIM_HORIZON';
  const reason = 'the position was older than the trim horizon';
  const gap = findLoss(graph, shard, now, { cause: 'position-trimmed', reason });
  graph.change(shard, { iterator: undefined, fromHorizon: true });
  // The horizon itself moved on between two calls: there is nothing to record unless something was lost.
  return wasAtHorizon && gap === undefined ? [] : commitLoss(graph.checkpointOf(shard, now), gap);
}

/** Reading starts at the trim horizon, which AWS never rejects: only the time tells whether unread records were trimmed. */
export function onHorizon(graph: ShardGraph, shard: ShardState, now: number): Effect[] {
  const reason = 'reading began at the trim horizon, too late for what came before it';
  // Its siblings may have been trimmed without ever being listed.
  const isNewborn = shard.ParentShardId !== undefined && shard.caughtUpAt === undefined;
  const others = { scope: 'siblings', reason: `${reason}, in this shard and other children of its parent` } as const;
  return commitAnyLoss(graph, shard, now, { cause: 'started-late', reason, ...(isNewborn && others) });
}

/** AWS does not find a shard that is known only as the parent of others. */
export function onGuessNotFound(graph: ShardGraph, shard: ShardState, now: number): Effect[] {
  const gap = findVanished(graph, shard, now);
  const end = graph.checkpointOf(shard, now, true);
  const isKnown = graph.known.get(shard.ShardId) !== undefined;
  const effects = gap === undefined && !isKnown ? [checkpointLazily(end)] : commitLoss(end, gap);
  return [...effects, ...graph.forget(shard)];
}

/**
 * AWS does not find a shard; a listing has shown whether it exists. Some of AWS's servers may not know a new shard yet.
 * Undefined when the answer has to be confirmed by further ones.
 */
export function onNotFound(graph: ShardGraph, shard: ShardState, isListed: boolean, now: number): Effect[] | undefined {
  graph.change(shard, withoutIterator(shard));
  const isTooYoung = lossSince(readUpTo(shard), now) === undefined;
  if (isListed || isTooYoung) {
    graph.change(shard, { notFoundAnswers: shard.notFoundAnswers + 1 });
    if (shard.notFoundAnswers < MAX_NOT_FOUND_ANSWERS) return undefined;
  }
  const reason = 'the stream lists the shard but says that it does not exist';
  const gap = isListed
    ? gapOf(graph, shard.ShardId, { from: readUpTo(shard), to: now }, now, { cause: 'shard-not-found', reason })
    : findVanished(graph, shard, now);
  return [...commitLoss(graph.checkpointOf(shard, now, true), gap), ...graph.end(shard)];
}

/**
 * No listing has shown children of shards that ended. A stream closes a shard by giving it children: when it was closed
 * too long ago, they may have been trimmed before any listing showed them.
 */
export function onChildless(graph: ShardGraph, ShardIds: readonly string[], now: number): Effect[] {
  const reason = 'the shard has ended, and none of its children is listed any more';
  return ShardIds.flatMap((ShardId) => {
    const shard = graph.lineage.shards.get(ShardId);
    return shard === undefined ? [] : commitAnyLoss(graph, shard, now, { cause: 'children-unlisted', reason }, true);
  });
}

/** The first listing shows no shard: a stream that was never read is too old to be read. */
export function onNoShards(graph: ShardGraph, now: number): Effect[] {
  const { known, promisedSince } = graph.options;
  if (known.size > 0 || promisedSince === undefined) return [];
  const all = newShardState({ ShardId: ALL_SHARDS }, undefined, promisedSince);
  const reason = 'the stream was gone before it was read';
  return commitAnyLoss(graph, all, now, { cause: 'stream-gone', scope: 'stream', reason }, true);
}

/** No shard of the stream can be read any more. */
export function onStreamGone(graph: ShardGraph, now: number): Effect[] {
  const { known, lineage } = graph;
  const { StreamArn } = graph.options;
  if (lineage.shards.size === 0) lineage.add(known.missingIn(new Set(), now));
  const shards = [...lineage.shards.values()];
  // DynamoDB Local in memory forgets its streams when it is restarted; its region is `ddblocal`.
  const forgotten = StreamArn.includes(':ddblocal:');
  // An unlisted shard without a checkpoint may never have existed.
  const left = shards.filter(
    ({ ShardId, status, unlisted }) => status !== 'ended' && !(unlisted && known.get(ShardId) === undefined),
  );
  if (shards.length > 0 && left.length === 0) return [];
  const message = forgotten ? 'DynamoDB Local has forgotten the stream' : 'the stream is gone';
  const effects: Effect[] = shards.length === 0 && !forgotten ? onNoShards(graph, now) : [];
  effects.push(log.warn({ event: 'stream.gone', StreamArn, forgotten }, message));
  for (const shard of left) {
    const gap = forgotten ? undefined : findVanished(graph, shard, now);
    const end = graph.checkpointOf(shard, now, true);
    if (forgotten) effects.push({ type: 'commit', lines: [{ type: 'checkpoint', ...end }] });
    else effects.push(...commitLoss(end, gap));
    graph.change(shard, { status: 'ended' });
  }
  return effects;
}

/** The shard left the stream before it was read to its end. */
function findVanished(graph: ShardGraph, shard: ShardState, now: number): Gap | undefined {
  const reason = 'the shard was gone from the stream before its end was read';
  // Nor are the ancestors known of a shard that only its children name.
  const others = { scope: 'ancestors', reason: `${reason}, and so may be shards that it descends from` } as const;
  return findLoss(graph, shard, now, { cause: 'shard-gone', reason, ...(shard.unlisted && others) });
}

function commitAnyLoss(graph: ShardGraph, shard: ShardState, now: number, why: Explanation, ended = false): Effect[] {
  const gap = findLoss(graph, shard, now, why);
  return gap === undefined ? [] : commitLoss(graph.checkpointOf(shard, now, ended), gap);
}

/** The gap of what can have been trimmed unread. It is found once, and not again for the shard's children. */
function findLoss(graph: ShardGraph, shard: ShardState, now: number, why: Explanation): Gap | undefined {
  const lost = lossSince(readUpTo(shard), now);
  if (lost === undefined) return undefined;
  graph.change(shard, { caughtUpAt: lost.to });
  return gapOf(graph, shard.ShardId, lost, now, why);
}

function gapOf(
  { options }: ShardGraph,
  ShardId: string,
  { from, to }: { readonly from: number; readonly to: number },
  now: number,
  { cause, scope, reason }: Explanation,
): Gap {
  const stream = options.StreamArn;
  return { stream, ShardId, cause, ...(scope && { scope }), from: iso(from), to: iso(to), reason, at: iso(now) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
