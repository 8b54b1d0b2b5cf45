import type { Checkpoint, Gap, JournalLine, JournalState } from '../ports/index.js';
import { addGap } from './gap-list.js';

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** JournalState as the journal itself keeps it: changed in place, because a state may hold 10,000 shards. */
export interface MutableState extends JournalState {
  readonly checkpoints: Map<string, Map<string, Writable<Checkpoint>>>;
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
    case 'gap': {
      const { type: _, ...gap } = line;
      addGap(state, gap);
      break;
    }
    case 'heartbeat':
      state.getRecordsCalls += line.getRecordsCalls;
      raiseCaughtUp(state, line);
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

function raiseCaughtUp(
  state: MutableState,
  heartbeat: { stream: string; at: string; behind: readonly string[]; awsTime?: true },
): void {
  const behind = new Set(heartbeat.behind);
  for (const [ShardId, checkpoint] of state.checkpoints.get(heartbeat.stream) ?? []) {
    if (checkpoint.position === 'SHARD_END' || behind.has(ShardId)) continue;
    if ((checkpoint.caughtUpAt ?? '') >= heartbeat.at) continue;
    checkpoint.caughtUpAt = heartbeat.at;
    if (heartbeat.awsTime === true) checkpoint.awsTime = true;
    else delete checkpoint.awsTime;
  }
}
