import type { AwsTime, Heartbeat, JournalState } from '../ports/index.js';
import { droppableShards } from '../shards/droppable-shards.js';
import { tableOf } from './table-stream.js';

/**
 * Heartbeats that drop the shards of the table's earlier streams, which are not read again once they are read to their end
 * and a later one is known. One shard of each stays, which shows that the stream was read (promisedSince).
 */
export function heartbeatsOfStreamsOver(state: JournalState, current: string, awsTime: AwsTime): Heartbeat[] {
  if (!state.checkpoints.has(current) || !awsTime.isKnown || awsTime.isDoubtful) return [];
  const now = awsTime.now();
  const heartbeats: Heartbeat[] = [];
  for (const [stream, checkpoints] of state.checkpoints) {
    if (tableOf(stream) === undefined || tableOf(stream) !== tableOf(current) || stream >= current) continue;
    const shards = [...checkpoints.values()].map(({ ShardId, position, at, awsTime: isAws }) => ({
      ShardId,
      ParentShardId: undefined,
      status: position === 'SHARD_END' ? ('ended' as const) : ('reading' as const),
      endedAt: isAws === true ? Date.parse(at) : undefined,
    }));
    if (shards.some((shard) => shard.status !== 'ended')) continue;
    const dropped = droppableShards(shards, { now, isNeeded: () => false });
    if (dropped.length === 0) continue;
    const at = new Date(now).toISOString();
    heartbeats.push({ stream, at, behind: [], getRecordsCalls: 0, dropped, awsTime: true });
  }
  return heartbeats;
}
