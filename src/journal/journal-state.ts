import type { Checkpoint, Gap, Heartbeat, JournalLine, JournalState, Pruned, Uploads } from '../ports/index.js';
import { addGap } from './gap-list.js';

/**
 * JournalState as the journal keeps it: changed in place, because it may hold 10,000 shards. Only the checkpoints are
 * replaced instead, so that a snapshot can be encoded while the state changes.
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
  uploads?: Uploads;
  pruned?: Pruned;
}

/** The state of an empty journal. */
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

/** Adds one committed line to the state. Deterministic: the same lines always give the same state. */
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
  // A checkpoint of a shard that was not read yet has an earlier time, and a clock may be set back.
  if (state.lastAt === undefined || state.lastAt < line.at) state.lastAt = line.at;
}

/** A checkpoint replaces the previous one of its shard. What it says about segments is kept apart. */
function applyCheckpoint(state: MutableState, line: Checkpoint): void {
  const { stream, ShardId, position, at, caughtUpAt, childless, awsTime, segments = [] } = line;
  for (const segment of segments) {
    if (segment.closed === true) state.openSegments.delete(segment.file);
    else state.openSegments.set(segment.file, segment.length);
  }
  addUploads(state, line);
  addPruned(state, line);
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

function addUploads(state: MutableState, { uploaded, uploadedUpTo }: Checkpoint): void {
  if (uploaded === undefined) return;
  const { segments, bytes, upTo } = state.uploads ?? { segments: 0, bytes: 0 };
  const last = uploadedUpTo ?? upTo;
  state.uploads = {
    segments: segments + uploaded.length,
    bytes: bytes + uploaded.reduce((sum, { size }) => sum + size, 0),
    ...(last !== undefined && { upTo: last }),
  };
}

function addPruned(state: MutableState, { pruned }: Checkpoint): void {
  if (pruned === undefined) return;
  const { before, items, bytes } = state.pruned ?? { ...pruned, items: 0, bytes: 0 };
  const isLater = Date.parse(pruned.before) > Date.parse(before);
  state.pruned = { before: isLater ? pruned.before : before, items: items + pruned.items, bytes: bytes + pruned.bytes };
}

/** Sets a shard's checkpoint. The state keeps the object. */
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
    // A shard that was not read to its end is never dropped, whatever a line says.
    if (shards?.get(ShardId)?.position !== 'SHARD_END') continue;
    shards.delete(ShardId);
    state.droppedShards.set(stream, (state.droppedShards.get(stream) ?? 0) + 1);
  }
}
