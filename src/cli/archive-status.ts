import type { ArchiveFacts } from '../journal/archive-file.js';
import { type MonthlyPrice, monthlyPrice } from '../lib/price.js';
import type { Checkpoint, Gap, JournalState, Pruned, SegmentLength } from '../ports/index.js';
import type { DayTotals } from '../report/days.js';
import { DEFAULT_MAX_LAG, type Health, judgeHealth, timeToTrim } from '../watch/health.js';
import type { Watcher } from './watcher.js';

export interface ShardStatus {
  readonly stream: string;
  readonly ShardId: string;
  /** `waiting`: not read yet. */
  readonly state: 'waiting' | 'reading';
  /** A SequenceNumber, TRIM_HORIZON or LATEST. */
  readonly position: string;
  /** ISO 8601, from the journal: every record that the shard received before this time was read. */
  readonly caughtUpAt?: string;
}

/** The result of `status`; `--json` prints it as it is. */
export interface ArchiveStatus {
  readonly archive: ArchiveFacts;
  readonly watcher?: Watcher;
  readonly archived: number;
  readonly archivedBytes: number;
  /** Of `archived`. Absent when nothing was pruned. */
  readonly pruned?: Pruned;
  /** By the day of their deletion, without pruned items; absent unless asked for. */
  readonly days?: readonly DayTotals[];
  /** Segments in S3, and closed segments that are not; absent when none was uploaded. */
  readonly uploads?: {
    readonly segments: number;
    readonly bytes: number;
    readonly waitingSegments: number;
    readonly waitingBytes: number;
  };
  readonly firstAt?: string;
  readonly lastAt?: string;
  /** ISO 8601: every record that the shards received before this time was read. Absent while a shard is unread. */
  readonly readUpTo?: string;
  /** Milliseconds from `readUpTo` to now; of a running watcher, as it measured this when it last renewed its lock. */
  readonly lagMs?: number;
  /** Milliseconds until the oldest record that may be unread is trimmed; negative when it may have been. */
  readonly trimmedInMs?: number;
  /** Of a running watcher. */
  readonly health?: Health;
  /** From the journal, which has those of a running watcher up to its last heartbeat. */
  readonly getRecordsCalls: number;
  /** Of a running watcher, at its pace. */
  readonly price?: MonthlyPrice;
  /** Shards that have not been read to their end. */
  readonly shards: readonly ShardStatus[];
  readonly endedShards: number;
  /** The latest ones. */
  readonly gaps: readonly Gap[];
  /** Number of all gap lines in the journal. */
  readonly gapCount: number;
}

interface StatusInput {
  readonly archive: ArchiveFacts;
  readonly state: JournalState;
  /** Closed segments that are not uploaded. */
  readonly waiting?: readonly SegmentLength[] | undefined;
  readonly watcher?: Watcher | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** A watcher that is further behind, in milliseconds, is not healthy; default: the limit that it was given itself. */
  readonly maxLagMs?: number | undefined;
}

/** The status from the journal's state and from what the watcher wrote into its lock. */
export function statusOf(input: StatusInput): ArchiveStatus {
  const { archive, state, waiting = [], watcher, now, maxLagMs } = input;
  const { items, bytes, gaps, gapCount, getRecordsCalls, firstAt, lastAt, checkpoints, droppedShards } = state;
  const all = [...checkpoints.values()].flatMap((shards) => [...shards.values()]);
  const dropped = [...droppedShards.values()].reduce((sum, count) => sum + count, 0);
  const open = all.filter(({ position }) => position !== 'SHARD_END');
  const readUpTo = readUpToOf(open, watcher);
  const lagMs = readUpTo === undefined ? undefined : lagOf(readUpTo, watcher, now);
  const price = priceOf(watcher);
  const health = healthOf(watcher, lagMs, maxLagMs);
  return {
    archive,
    ...(watcher !== undefined && { watcher }),
    archived: items,
    archivedBytes: bytes,
    ...(state.pruned !== undefined && { pruned: state.pruned }),
    ...(state.uploads !== undefined && {
      uploads: {
        segments: state.uploads.segments,
        bytes: state.uploads.bytes,
        waitingSegments: waiting.length,
        waitingBytes: waiting.reduce((sum, { length }) => sum + length, 0),
      },
    }),
    ...(firstAt !== undefined && { firstAt }),
    ...(lastAt !== undefined && { lastAt }),
    ...(readUpTo !== undefined && { readUpTo }),
    ...(lagMs !== undefined && { lagMs, trimmedInMs: timeToTrim(lagMs) }),
    ...(health !== undefined && { health }),
    getRecordsCalls,
    ...(price !== undefined && { price }),
    shards: open.map(shardStatus),
    endedShards: all.length - open.length + dropped,
    gaps,
    gapCount,
  };
}

/** The journal has the progress of idle shards every five minutes; a running watcher writes it with each renewal of its lock. */
function readUpToOf(open: readonly Checkpoint[], watcher: Watcher | undefined): string | undefined {
  const live = watcher?.state === 'dead' ? undefined : watcher?.progress.readUpTo;
  if (live !== undefined) return live;
  const [first = '', ...others] = open.map(({ caughtUpAt = '' }) => caughtUpAt);
  const oldest = others.reduce((earliest, next) => (next < earliest ? next : earliest), first);
  return oldest === '' ? undefined : oldest;
}

/** A running watcher measures by AWS's clock. Older versions do not write that into the lock. */
function lagOf(readUpTo: string, watcher: Watcher | undefined, now: number): number {
  if (watcher?.state !== 'running') return Math.max(0, now - Date.parse(readUpTo));
  return watcher.progress.lagMs ?? Math.max(0, Date.parse(watcher.lastSignOfLife) - Date.parse(readUpTo));
}

function healthOf(watcher: Watcher | undefined, lagMs: number | undefined, maxLag?: number): Health | undefined {
  if (watcher?.state !== 'running') return undefined;
  const { failingMs, stalledMs = 0, maxLagMs = DEFAULT_MAX_LAG } = watcher.progress;
  return judgeHealth({ lagMs, failingMs, stalledMs, maxLagMs: maxLag ?? maxLagMs });
}

function priceOf(watcher: Watcher | undefined): MonthlyPrice | undefined {
  if (watcher?.state !== 'running' || watcher.progress.isPriced !== true) return undefined;
  const { getRecordsCalls = 0, runningMs = 0 } = watcher.progress;
  return monthlyPrice(getRecordsCalls, runningMs);
}

function shardStatus({ stream, ShardId, position, caughtUpAt }: Checkpoint): ShardStatus {
  return {
    stream,
    ShardId,
    state: position === 'TRIM_HORIZON' || position === 'LATEST' ? 'waiting' : 'reading',
    position,
    ...(caughtUpAt !== undefined && { caughtUpAt }),
  };
}
