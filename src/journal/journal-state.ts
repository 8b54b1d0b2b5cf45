import type { Checkpoint, Gap, Heartbeat, JournalLine, JournalState } from '../ports/index.js';
import { addGap } from './gap-list.js';

/**
 * JournalState as the journal itself keeps it: changed in place, because a state may hold 10,000 shards. Only the
 * checkpoints themselves are replaced, so that a snapshot can be encoded while the journal goes on.
 */
export interface MutableState extends JournalState {
  readonly checkpoints: Map<string, Map<string, Checkpoint>>;
  readonly droppedShards: Map<string, number>;
  readonly openSegments: Map<string, number>;
  items: number;
  bytes: number;
  readonly gaps: Gap[];
  gapCount: number;
  getRecordsCalls: number;
  firstAt?: string;
  lastAt?: string;
}

/** What an empty journal adds up to. */
export function emptyState(): MutableState {
  return {
    checkpoints: new Map(),
    droppedShards: new Map(),
    openSegments: new Map(),
    items: 0,
    bytes: 0,
    gaps: [],
    gapCount: 0,
    getRecordsCalls: 0,
  };
}

/** Adds one committed line to the state. Needs nothing but the two of them, so that a journal always adds up the same. */
export function applyLine(state: MutableState, line: JournalLine): void {
  switch (line.type) {
    case 'item':
      state.items += 1;
      state.bytes += line.size;
      return;
    case 'checkpoint':
      applyCheckpoint(state, line);
      break;
    case 'gap':
      addGap(state, line);
      break;
    case 'heartbeat':
      state.getRecordsCalls += line.getRecordsCalls;
      raiseCaughtUp(state, line);
      if (line.dropped !== undefined) dropCheckpoints(state, line.stream, line.dropped);
      break;
  }
  state.firstAt ??= line.at;
  // A checkpoint of a shard that was not read yet stands for an earlier moment, and a clock may be set back.
  if (state.lastAt === undefined || state.lastAt < line.at) state.lastAt = line.at;
}

/** The last checkpoint of a shard stands, whole. Its segments go into `openSegments` and are not kept with it. */
function applyCheckpoint(state: MutableState, line: Checkpoint): void {
  const { stream, ShardId, position, at, caughtUpAt, childless, awsTime, segments = [] } = line;
  for (const segment of segments) {
    if (segment.closed === true) state.openSegments.delete(segment.file);
    else state.openSegments.set(segment.file, segment.length);
  }
  putCheckpoint(state, {
    stream,
    ShardId,
    position,
    ...(caughtUpAt === undefined ? {} : { caughtUpAt }),
    ...(childless === true && { childless }),
    at,
    ...(awsTime === true && { awsTime }),
  });
}

/** Sets a shard's checkpoint. The object becomes the state's own. */
export function putCheckpoint(state: MutableState, checkpoint: Checkpoint): void {
  const shards = state.checkpoints.get(checkpoint.stream) ?? new Map<string, Checkpoint>();
  state.checkpoints.set(checkpoint.stream, shards);
  shards.set(checkpoint.ShardId, checkpoint);
}

function raiseCaughtUp(state: MutableState, { stream, at: caughtUpAt, behind, awsTime }: Heartbeat): void {
  const isBehind = new Set(behind);
  const shards = state.checkpoints.get(stream) ?? new Map<string, Checkpoint>();
  for (const [ShardId, checkpoint] of shards) {
    if (checkpoint.position === 'SHARD_END' || isBehind.has(ShardId)) continue;
    if ((checkpoint.caughtUpAt ?? '') >= caughtUpAt) continue;
    const { awsTime: _, ...rest } = checkpoint;
    shards.set(ShardId, { ...rest, caughtUpAt, ...(awsTime === true && { awsTime }) });
  }
}

function dropCheckpoints(state: MutableState, stream: string, dropped: readonly string[]): void {
  const shards = state.checkpoints.get(stream);
  for (const ShardId of dropped) {
    // What is not read to its end is never dropped, whatever a line says.
    if (shards?.get(ShardId)?.position !== 'SHARD_END') continue;
    shards.delete(ShardId);
    state.droppedShards.set(stream, (state.droppedShards.get(stream) ?? 0) + 1);
  }
}
