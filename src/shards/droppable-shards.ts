import { RETENTION } from './loss.js';

/**
 * Milliseconds that an ended shard is kept beyond DynamoDB's retention. AWS says when a record may be trimmed, not when it
 * is, and listings lag behind; a day is far more than either has been seen to take.
 */
const MARGIN = 24 * 60 * 60 * 1000;

/** Shards that one heartbeat drops: its line stays below a megabyte, and the next one drops the rest. */
export const MAX_DROPPED = 10_000;

/** What has to be known of a shard to tell whether it can be dropped. */
export interface AgingShard {
  readonly ShardId: string;
  readonly ParentShardId: string | undefined;
  readonly status: 'waiting' | 'reading' | 'ended';
  /** When its end was checkpointed, by AWS's time in epoch milliseconds; undefined when that is in doubt. */
  readonly endedAt: number | undefined;
}

/**
 * Shards whose checkpoints are of no use any more, oldest first: the state would grow for ever with them. Each has ended
 * longer ago than the retention and a margin, so that all its records are older than that, too, and trimmed. Kept are
 * - those that `isNeeded`: listed, or with children still to come, which are promised from their parent's end on;
 * - the parent of a shard that has not ended, for the same reason, and of any that is kept, since a parent without
 *   children would make the reader look for them;
 * - the last one of a stream: without any checkpoint it would look like one that nobody has read.
 *
 * Should AWS list a dropped shard once more, a later process takes it for a new one and begins at its trim horizon: what
 * it held is gone, so nothing can come twice, and as a new shard it is promised from now on only, so that nothing of it
 * counts as lost. (A parent that it names and that is not listed either counts as one that nobody has seen: that may be
 * a gap, on the safe side. A process that has dropped them itself passes both over: see Lineage.)
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
  // A parent has ended before its children, so that it is looked at before them.
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
