import { RETENTION } from './loss.js';

/**
 * Milliseconds that an ended shard is kept beyond DynamoDB's retention. AWS says when a record may be trimmed, not when it
 * is, and listings lag behind; a day is far more than either has been seen to take.
 */
const MARGIN = 24 * 60 * 60 * 1000;

/** Most shards that one heartbeat drops: its line stays below a megabyte, and the next one drops the rest. */
export const MAX_DROPPED = 10_000;

/** What decides whether a shard can be dropped. */
export interface AgingShard {
  readonly ShardId: string;
  readonly ParentShardId: string | undefined;
  readonly status: 'waiting' | 'reading' | 'ended';
  /** When its end was checkpointed, by AWS's time in epoch milliseconds; undefined when that is in doubt. */
  readonly endedAt: number | undefined;
}

/**
 * Shards whose checkpoints are not needed any more, oldest first; with them the state would grow without end. Each ended
 * longer ago than the retention and a margin, so that all its records are trimmed. Not dropped are
 * - those that `isNeeded`: listed, or with children still to come, which are promised from their parent's end on;
 * - the parent of a shard that has not ended, for the same reason;
 * - the child of any that is kept, since the reader would look for the children of a parent without any;
 * - the last one of a stream: without any checkpoint the stream would look as if it had never been read.
 *
 * If AWS lists a dropped shard once more, a later process takes it for a new one and reads it from its trim horizon. Its
 * records are gone, so nothing can be archived twice, and as a new shard it is promised from now on only, so that nothing
 * counts as lost. (Its parent, when that is not listed either, counts as one that no listing has shown: that may be a
 * gap, on the safe side. The process that has dropped them ignores both: see Lineage.)
 */
export function droppableShards(
  shards: Iterable<AgingShard>,
  { now, isNeeded }: { readonly now: number; readonly isNeeded: (ShardId: string) => boolean },
): string[] {
  const horizon = now - RETENTION - MARGIN;
  const kept = new Set<string>();
  const parentsOfUnended = new Set<string | undefined>();
  const old: { ShardId: string; ParentShardId: string | undefined; endedAt: number }[] = [];
  let ended = 0;
  for (const { ShardId, ParentShardId, status, endedAt } of shards) {
    kept.add(ShardId);
    if (status === 'ended') ended++;
    else parentsOfUnended.add(ParentShardId);
    if (status !== 'ended' || endedAt === undefined || endedAt >= horizon || isNeeded(ShardId)) continue;
    old.push({ ShardId, ParentShardId, endedAt });
  }
  // A parent has ended before its children, so it comes before them.
  old.sort((a, b) => a.endedAt - b.endedAt);
  const dropped: string[] = [];
  for (const { ShardId, ParentShardId = '' } of old) {
    if (parentsOfUnended.has(ShardId) || kept.has(ParentShardId)) continue;
    if (dropped.length === Math.min(MAX_DROPPED, ended - 1)) break;
    kept.delete(ShardId);
    dropped.push(ShardId);
  }
  return dropped;
}
