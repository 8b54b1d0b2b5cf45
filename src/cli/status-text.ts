import type { ArchiveFacts } from '../journal/archive-file.js';
import { escapeText } from '../lib/escape.js';
import type { Checkpoint, Gap, JournalState, SegmentLength } from '../ports/index.js';
import { formatDuration } from './duration.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { formatPrice, type MonthlyPrice, monthlyPrice } from './price.js';
import type { Watcher } from './watcher.js';
import { wrap } from './wrap.js';

interface ShardStatus {
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
  /** Milliseconds from `readUpTo` to now, or to the last sign of life of a running watcher. */
  readonly lagMs?: number;
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
}

/** The status from the journal's state and from what the watcher wrote into its lock. */
export function statusOf({ archive, state, waiting = [], watcher, now }: StatusInput): ArchiveStatus {
  const { items, bytes, gaps, gapCount, getRecordsCalls, firstAt, lastAt, checkpoints, droppedShards } = state;
  const all = [...checkpoints.values()].flatMap((shards) => [...shards.values()]);
  const dropped = [...droppedShards.values()].reduce((sum, count) => sum + count, 0);
  const open = all.filter(({ position }) => position !== 'SHARD_END');
  const readUpTo = readUpToOf(open, watcher);
  const price = priceOf(watcher);
  return {
    archive,
    ...(watcher !== undefined && { watcher }),
    archived: items,
    archivedBytes: bytes,
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
    ...(readUpTo !== undefined && { readUpTo, lagMs: lagOf(readUpTo, watcher, now) }),
    getRecordsCalls,
    ...(price !== undefined && { price }),
    shards: open.map(shardStatus),
    endedShards: all.length - open.length + dropped,
    gaps,
    gapCount,
  };
}

/** The journal has the progress of idle shards every five minutes; a running watcher writes it at each sign of life. */
function readUpToOf(open: readonly Checkpoint[], watcher: Watcher | undefined): string | undefined {
  const live = watcher?.state === 'dead' ? undefined : watcher?.progress.readUpTo;
  if (live !== undefined) return live;
  const [first = '', ...others] = open.map(({ caughtUpAt = '' }) => caughtUpAt);
  const oldest = others.reduce((earliest, next) => (next < earliest ? next : earliest), first);
  return oldest === '' ? undefined : oldest;
}

function lagOf(readUpTo: string, watcher: Watcher | undefined, now: number): number {
  const until = watcher?.state === 'running' ? Date.parse(watcher.lastSignOfLife) : now;
  return Math.max(0, until - Date.parse(readUpTo));
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

/** The status for people, in 80 columns. `now` is epoch milliseconds. */
export function statusText(status: ArchiveStatus, out: string, now: number): string {
  const { archive, shards, endedShards, gaps, gapCount, lagMs, readUpTo, watcher, price } = status;
  const calls = watcher?.state === 'running' ? watcher.progress.getRecordsCalls : undefined;
  const recorded = `${formatCount(status.getRecordsCalls)} calls${calls === undefined ? '' : ' recorded in the journal'}`;
  const inRun = calls === undefined ? '' : `${formatCount(calls)} calls in this run, `;
  const entries = {
    archive: `${out}: table ${archive.table}, layout ${archive.layout}, format ${archive.format}`,
    watcher: watcher === undefined ? 'none is running' : watcherText(watcher, now),
    archived: `${counted(status.archived, 'item')}, ${formatBytes(status.archivedBytes)}`,
    ...(status.uploads !== undefined && { uploaded: uploadsText(status.uploads) }),
    journal: status.firstAt === undefined ? 'empty' : `from ${status.firstAt} to ${status.lastAt ?? ''}`,
    lag:
      lagMs === undefined
        ? 'unknown: a shard has not been read yet'
        : `${formatDuration(lagMs)}, read up to ${readUpTo ?? ''}`,
    GetRecords: `${inRun}${recorded}${price === undefined ? '' : `, ${formatPrice(price)}`}`,
    gaps: gapCount === 0 ? 'none' : formatCount(gapCount),
    shards: `${formatCount(shards.length)} open, ${formatCount(endedShards)} ended`,
  };
  const details: { readonly [entry: string]: readonly string[] } = {
    gaps: gaps.flatMap((gap) => wrap('  ', gapText(gap), 4)),
    shards: [...new Set(shards.map(({ stream }) => stream))].flatMap((stream) => [
      `  ${stream}`,
      ...shards.filter((shard) => shard.stream === stream).flatMap((shard) => wrap('    ', shardText(shard), 6)),
    ]),
  };
  const lines = Object.entries(entries).flatMap(([name, text]) => [
    ...wrap(name.padEnd(12), text),
    ...(details[name] ?? []),
  ]);
  return `${lines.map(escapeText).join('\n')}\n`;
}

function uploadsText({ segments, bytes, waitingSegments, waitingBytes }: NonNullable<ArchiveStatus['uploads']>) {
  const waiting = `${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) still to upload`;
  return `${counted(segments, 'segment')} (${formatBytes(bytes)}) in S3, ${waitingSegments === 0 ? 'none waiting' : waiting}`;
}

function gapText({ ShardId, from, to, reason, records }: Gap): string {
  const deletions = records === undefined ? '' : ` (${formatCount(records)})`;
  return `${ShardId} from ${from ?? 'its beginning'} to ${to}: ${reason}${deletions}`;
}

function watcherText({ pid, host, since, lastSignOfLife, state, progress }: Watcher, now: number): string {
  const ago = formatDuration(Math.max(0, now - Date.parse(lastSignOfLife)));
  const who = `process ${pid} on ${host}, since ${since}`;
  if (state === 'dead') return `none: ${who}, has ended without releasing the lock`;
  const { unreachableSince, uploadFailingSince } = progress;
  const trouble =
    (unreachableSince === undefined ? '' : `, endpoint unreachable since ${unreachableSince}`) +
    (uploadFailingSince === undefined ? '' : `, uploads failing since ${uploadFailingSince}`);
  return `${state}: ${who}, last sign of life ${ago} ago${trouble}`;
}

function shardText({ ShardId, state, position, caughtUpAt }: ShardStatus): string {
  const caughtUp = caughtUpAt === undefined ? 'not caught up yet' : `caught up at ${caughtUpAt} or later`;
  return `${ShardId} ${state}, after ${position}, ${caughtUp}`;
}
