import type { Heartbeat } from '../ports/index.js';
import type { Lineage } from './lineage.js';
import type { ShardGraph } from './shard-graph.js';
import { isCaughtUp, type ShardState, shownAsReadUpTo } from './shard-state.js';

export interface ShardCounts {
  /** Shards that have not ended. */
  readonly open: number;
  /** Those of them that are not caught up. */
  readonly behind: number;
  readonly ended: number;
  /**
   * Epoch milliseconds by AWS's clock: everything that any shard received before this has been read. Undefined while that
   * is not known of one of them, and when none is open.
   */
  readonly readUpTo: number | undefined;
}

/** How far the shards have been read. */
export function countShards({ lineage }: ShardGraph): ShardCounts {
  const counts = { open: 0, behind: 0, ended: lineage.droppedCount };
  let readUpTo = Infinity;
  for (const shard of lineage.shards.values()) {
    if (shard.status === 'ended') {
      counts.ended++;
      continue;
    }
    counts.open++;
    if (!isCaughtUp(shard)) counts.behind++;
    // A waiting shard received everything after what its parent, which is open, still has to be read of.
    if (shard.status === 'reading')
      readUpTo = Math.min(readUpTo, shownAsReadUpTo(shard) ?? endOfParent(lineage, shard));
  }
  return { ...counts, readUpTo: Number.isFinite(readUpTo) ? readUpTo : undefined };
}

/** A child that is not read yet received everything after its parent ended. NaN when it is not known when that was. */
function endOfParent(lineage: Lineage, shard: ShardState): number {
  const parent = lineage.parentOf(shard);
  const readUpTo = parent === undefined ? lineage.parentReadUpTo(shard) : shownAsReadUpTo(parent);
  return parent?.status === 'reading' ? Number.NaN : (readUpTo ?? Number.NaN);
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
