import type { Checkpoint, IteratorStart, Position, Shard } from '../ports/index.js';
import { EMPTY_PAGES_WHEN_CAUGHT_UP } from './pacing.js';

/** What is known of one shard. Only the ShardGraph changes it. Times are epoch milliseconds by AWS's clock. */
export interface ShardState {
  readonly ShardId: string;
  readonly ParentShardId: string | undefined;
  /** `waiting` for its parent's end; `ended` once its own end is checkpointed. */
  readonly status: 'waiting' | 'reading' | 'ended';
  /** When its end was checkpointed; undefined when that is in doubt. */
  readonly endedAt: number | undefined;
  readonly position: Position;
  /** When `position` is LATEST: the moment that it stands for. */
  readonly latestAt: number;
  /** Nothing is promised of what the shard received before this. */
  readonly knownSince: number;
  /** Everything that the shard received before this has been read. */
  readonly caughtUpAt: number | undefined;
  readonly iterator: string | undefined;
  /** Read from the trim horizon, dropping what `position` has already passed. */
  readonly fromHorizon: boolean;
  /** Consecutive empty pages. */
  readonly emptyPages: number;
  /** When the last of them were requested, as many as make a shard count as caught up. */
  readonly emptyAskedAt: readonly number[];
  /** ApproximateCreationDateTime of the last record. */
  readonly lastRecordAt: number | undefined;
  /** Consecutive calls that failed. */
  readonly failures: number;
  /** Consecutive not-found answers although the shard must exist. */
  readonly notFoundAnswers: number;
  /** A listing shows its end, or children. */
  readonly closed: boolean;
  /** While it is closed: up to when it was read at that moment. Its children have what came later. */
  readonly readUpToWhenClosed: number | undefined;
  /** Known only as the parent of others: no listing has shown it. */
  readonly unlisted: boolean;
  /** How often the stream was listed to find an unlisted shard that exists. */
  readonly relistAttempts: number;
  /** Size of the last page; undefined before the first one. */
  readonly pageBytes: number | undefined;
  /** Bytes of a record in the last page that had one, on average; undefined before it. */
  readonly recordBytes: number | undefined;
  /** The last page had records, and the next page is to follow at once. */
  readonly backlog: boolean;
  /** Pages that were taken and are not committed yet. */
  readonly uncommitted: number;
}

/** The state of a shard as its checkpoint left it; without one, of a new shard, which is promised since `since`. */
export function newShardState(
  shard: Shard,
  known: Checkpoint | undefined,
  since: number,
  unlisted = false,
): ShardState {
  const position = known?.position ?? 'TRIM_HORIZON';
  const caughtUpAt = known?.caughtUpAt === undefined ? undefined : Date.parse(known.caughtUpAt);
  const at = known === undefined ? since : Date.parse(known.at);
  return {
    ShardId: shard.ShardId,
    ParentShardId: shard.ParentShardId === shard.ShardId ? undefined : shard.ParentShardId,
    status: position === 'SHARD_END' ? 'ended' : 'waiting',
    endedAt: position === 'SHARD_END' && known?.awsTime === true ? at : undefined,
    position,
    latestAt: at,
    knownSince: caughtUpAt ?? at,
    caughtUpAt,
    iterator: undefined,
    // LATEST is for the very first iterator only: after a restart it would skip what came in between.
    fromHorizon: known?.position === 'LATEST',
    emptyPages: 0,
    emptyAskedAt: [],
    lastRecordAt: undefined,
    failures: 0,
    notFoundAnswers: 0,
    closed: isClosed(shard),
    readUpToWhenClosed: caughtUpAt,
    unlisted,
    relistAttempts: 0,
    pageBytes: undefined,
    recordBytes: undefined,
    backlog: false,
    uncommitted: 0,
  };
}

/** The listing shows the shard's last SequenceNumber. It may do so late: only the last page ends the reading. */
export function isClosed(shard: Shard): boolean {
  return typeof shard.SequenceNumberRange?.EndingSequenceNumber === 'string';
}

/** Known by name alone, and not read yet: what a listing says of it replaces what is assumed. */
export function isGuess(shard: ShardState): boolean {
  return shard.unlisted && shard.status !== 'ended' && shard.position === 'TRIM_HORIZON';
}

/** Several empty pages in a row: everything up to the last calls counts as read. */
export function isCaughtUp(shard: ShardState): boolean {
  return shard.emptyPages >= EMPTY_PAGES_WHEN_CAUGHT_UP;
}

/** Everything that the shard received before this has been read, or is not promised. */
export function readUpTo({ caughtUpAt, knownSince }: ShardState): number {
  return caughtUpAt === undefined ? knownSince : Math.max(caughtUpAt, knownSince);
}

/**
 * Up to when a shard is read, for people: of one that is caught up, when its last empty page was requested. A decision
 * about loss uses the first of several empty pages instead. Undefined before the first page.
 *
 * Empty pages of a closed shard prove nothing, because what came later is in its children, and they wait for its end.
 */
export function shownAsReadUpTo(shard: ShardState): number | undefined {
  const { closed, caughtUpAt, emptyAskedAt, lastRecordAt, readUpToWhenClosed = lastRecordAt } = shard;
  if (closed) return readUpToWhenClosed && Math.max(readUpToWhenClosed, lastRecordAt ?? 0);
  return (isCaughtUp(shard) ? emptyAskedAt.at(-1) : undefined) ?? caughtUpAt;
}

/** Where a new iterator starts: AFTER the last SequenceNumber that was read, whatever happened to the previous one. */
export function iteratorStart({ position, fromHorizon }: ShardState): IteratorStart {
  if (fromHorizon || position === 'TRIM_HORIZON' || position === 'SHARD_END') return 'TRIM_HORIZON';
  return position === 'LATEST' ? 'LATEST' : { after: position };
}

/** What changes when the iterator is no longer valid. */
export function withoutIterator({ position }: ShardState): Partial<ShardState> {
  return {
    iterator: undefined,
    // Consecutive empty pages prove something only when one chain of iterators returned them.
    emptyPages: 0,
    emptyAskedAt: [],
    // A second iterator at LATEST would skip what came in between.
    ...(position === 'LATEST' && { fromHorizon: true }),
  };
}

/** The checkpoint of what has been read so far. */
export function checkpointOf(shard: ShardState, stream: string, now: number, ended: boolean): Checkpoint {
  // Nothing of an ended shard is unread: this is from when on its children are promised.
  const caughtUpAt = ended ? readUpTo(shard) : shard.caughtUpAt;
  return {
    stream,
    ShardId: shard.ShardId,
    position: ended ? 'SHARD_END' : shard.position,
    ...(caughtUpAt !== undefined && { caughtUpAt: new Date(caughtUpAt).toISOString() }),
    at: new Date(checkpointTime(shard, ended, now)).toISOString(),
  };
}

/** When a checkpoint is written; for a shard that was not read yet, the moment that its position stands for. */
function checkpointTime({ position, latestAt, knownSince, caughtUpAt }: ShardState, ended: boolean, now: number) {
  if (position === 'LATEST') return latestAt;
  return position === 'TRIM_HORIZON' && caughtUpAt === undefined && !ended ? Math.min(knownSince, now) : now;
}
