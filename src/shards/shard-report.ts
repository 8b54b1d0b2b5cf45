import type { Heartbeat } from '../ports/index.js';
import type { ShardGraph } from './shard-graph.js';
import { isCaughtUp, type ShardState } from './shard-state.js';

export interface ShardCounts {
  /** Shards that have not ended. */
  readonly open: number;
  /** Those of them that are not caught up. */
  readonly behind: number;
  readonly ended: number;
  /** Epoch milliseconds by AWS's clock: everything that any shard received before this has been read. */
  readonly readUpTo: number | undefined;
}

/** How far the shards have been read. */
export function countShards({ lineage }: ShardGraph): ShardCounts {
  const counts = { open: 0, behind: 0, ended: lineage.droppedCount, readUpTo: undefined as number | undefined };
  for (const shard of lineage.shards.values()) {
    if (shard.status === 'ended') {
      counts.ended++;
      continue;
    }
    counts.open++;
    if (!isCaughtUp(shard)) counts.behind++;
    const readAt = shownAsReadUpTo(shard);
    if (readAt !== undefined) counts.readUpTo = Math.min(counts.readUpTo ?? readAt, readAt);
  }
  return counts;
}

/** One journal line about all shards. */
export function heartbeatOf({ lineage, known, options }: ShardGraph, now: number): Omit<Heartbeat, 'getRecordsCalls'> {
  // Before the first listing the shards of earlier runs are not known to be caught up.
  const behind = [...known.values()]
    .filter(({ ShardId, position }) => position !== 'SHARD_END' && !lineage.shards.has(ShardId))
    .map(({ ShardId }) => ShardId);
  let at = Infinity;
  for (const shard of lineage.shards.values()) {
    if (shard.status === 'ended') continue;
    const { caughtUpAt, uncommitted } = shard;
    if (isCaughtUp(shard) && uncommitted === 0 && caughtUpAt !== undefined) at = Math.min(at, caughtUpAt);
    else behind.push(shard.ShardId);
  }
  return { stream: options.StreamArn, at: new Date(at === Infinity ? now : at).toISOString(), behind };
}

/**
 * Up to when a shard is read, for people: of one that is caught up, when its last empty page was requested. A decision
 * about loss uses the first of several empty pages instead.
 */
function shownAsReadUpTo(shard: ShardState): number | undefined {
  const lastEmpty = isCaughtUp(shard) ? shard.emptyAskedAt.at(-1) : undefined;
  return lastEmpty ?? shard.caughtUpAt;
}
