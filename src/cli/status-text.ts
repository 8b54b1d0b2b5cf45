import type { ArchiveFacts } from '../journal/archive-file.js';
import type { Checkpoint, Gap, JournalState } from '../ports.js';
import { formatDuration } from './duration.js';
import { escapeText } from './escape.js';
import { formatBytes, formatCount } from './numbers.js';
import { formatPrice, type MonthlyPrice, monthlyPrice } from './price.js';

interface ShardStatus {
  readonly stream: string;
  readonly ShardId: string;
  /** `waiting`: nothing of it was read yet. */
  readonly state: 'waiting' | 'reading' | 'ended';
  /** A SequenceNumber, TRIM_HORIZON, LATEST or SHARD_END. */
  readonly position: string;
  readonly caughtUpAt?: string;
  /** Milliseconds since everything that the shard had received was read; absent when that never was, or it ended. */
  readonly lagMs?: number;
}

/** What `status` tells; `--json` prints it as it is. */
export interface ArchiveStatus {
  readonly archive: ArchiveFacts;
  readonly archived: number;
  readonly archivedBytes: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly getRecordsCalls: number;
  readonly price: MonthlyPrice;
  readonly shards: readonly ShardStatus[];
  /** The latest ones. */
  readonly gaps: readonly Gap[];
  /** Gap lines of the journal, in all. */
  readonly gapCount: number;
}

/** Reads the status out of the journal's state; `now` is epoch milliseconds. */
export function statusOf({
  archive,
  state,
  now,
}: {
  archive: ArchiveFacts;
  state: JournalState;
  now: number;
}): ArchiveStatus {
  const { items, bytes, gaps, gapCount, getRecordsCalls, firstAt, lastAt, checkpoints } = state;
  const elapsedMs = firstAt === undefined || lastAt === undefined ? 0 : Date.parse(lastAt) - Date.parse(firstAt);
  return {
    archive,
    archived: items,
    archivedBytes: bytes,
    ...(firstAt !== undefined && { firstAt }),
    ...(lastAt !== undefined && { lastAt }),
    getRecordsCalls,
    price: monthlyPrice(getRecordsCalls, elapsedMs),
    shards: [...checkpoints.values()].flatMap((shards) =>
      [...shards.values()].map((checkpoint) => shardStatus(checkpoint, now)),
    ),
    gaps,
    gapCount,
  };
}

function shardStatus({ stream, ShardId, position, caughtUpAt }: Checkpoint, now: number): ShardStatus {
  const ended = position === 'SHARD_END';
  return {
    stream,
    ShardId,
    state: ended ? 'ended' : position === 'TRIM_HORIZON' || position === 'LATEST' ? 'waiting' : 'reading',
    position,
    ...(caughtUpAt !== undefined && { caughtUpAt }),
    ...(caughtUpAt !== undefined && !ended && { lagMs: Math.max(0, now - Date.parse(caughtUpAt)) }),
  };
}

/** The status for people. */
export function statusText(status: ArchiveStatus, out: string): string {
  const { archive, shards, gaps, gapCount } = status;
  const lines = [
    `archive     ${out}: table ${archive.table}, layout ${archive.layout}, format ${archive.format}`,
    `archived    ${formatCount(status.archived)} ${status.archived === 1 ? 'item' : 'items'}, ${formatBytes(status.archivedBytes)}`,
    `journal     ${status.firstAt === undefined ? 'empty' : `from ${status.firstAt} to ${status.lastAt ?? ''}`}`,
    `GetRecords  ${formatCount(status.getRecordsCalls)} calls, ${formatPrice(status.price)}`,
    `gaps        ${gapCount === 0 ? 'none' : formatCount(gapCount)}`,
    ...gaps.map(gapLine),
    `shards      ${formatCount(shards.length)}`,
    ...[...new Set(shards.map(({ stream }) => stream))].flatMap((stream) => [
      `  ${stream}`,
      ...shards.filter((shard) => shard.stream === stream).map(shardLine),
    ]),
  ];
  return `${lines.map(escapeText).join('\n')}\n`;
}

function gapLine({ ShardId, from, to, reason, records }: Gap): string {
  const deletions = records === undefined ? '' : ` (${formatCount(records)})`;
  return `  ${ShardId} from ${from ?? 'its beginning'} to ${to}: ${reason}${deletions}`;
}

function shardLine({ ShardId, state, position, caughtUpAt, lagMs }: ShardStatus): string {
  if (state === 'ended') return `    ${ShardId}  ended`;
  const lag = lagMs === undefined ? 'never caught up' : `caught up ${formatDuration(lagMs)} ago (${caughtUpAt ?? ''})`;
  return `    ${ShardId}  ${state}  after ${position}  ${lag}`;
}
