import type { ArchiveFacts } from '../journal/archive-file.js';
import { escapeText } from '../lib/escape.js';
import { formatDuration } from '../lib/format-duration.js';
import { formatPrice } from '../lib/price.js';
import type { Gap, Pruned } from '../ports/index.js';
import type { DayTotals } from '../report/days.js';
import type { Health } from '../watch/health.js';
import type { ArchiveStatus, ShardStatus } from './archive-status.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import type { Watcher } from './watcher.js';
import { wrap } from './wrap.js';

/** The status for people. `now` is epoch milliseconds. */
export function statusText(status: ArchiveStatus, out: string, now: number, columns = 80): string {
  const { archive, shards, endedShards, gaps, gapCount, watcher, price, health } = status;
  const calls = watcher?.state === 'running' ? watcher.progress.getRecordsCalls : undefined;
  const recorded = `${formatCount(status.getRecordsCalls)} calls${calls === undefined ? '' : ' recorded in the journal'}`;
  const inRun = calls === undefined ? '' : `${formatCount(calls)} calls in this run, `;
  const entries = {
    archive: archiveText(archive, out),
    watcher: watcher === undefined ? 'none is running' : watcherText(watcher, now),
    ...(health !== undefined && { health: healthText(health) }),
    ...(archive.positionsOnly !== true && {
      archived: `${counted(status.archived, 'item')}, ${formatBytes(status.archivedBytes)}`,
    }),
    ...(status.pruned !== undefined && { pruned: prunedText(status.pruned) }),
    ...(status.uploads !== undefined && { uploaded: uploadsText(status.uploads) }),
    ...(status.days !== undefined && { days: formatCount(status.days.length) }),
    journal: status.firstAt === undefined ? 'empty' : `from ${status.firstAt} to ${status.lastAt ?? ''}`,
    lag: lagText(status),
    GetRecords: `${inRun}${recorded}${price === undefined ? '' : `, ${formatPrice(price)}`}`,
    gaps: gapCount === 0 ? 'none' : formatCount(gapCount),
    shards: `${formatCount(shards.length)} open, ${formatCount(endedShards)} ended`,
  };
  const details: { readonly [entry: string]: readonly string[] } = {
    days: (status.days ?? []).map(dayText),
    gaps: gaps.flatMap((gap) => wrap('  ', escapeText(gapText(gap)), 4, columns)),
    shards: [...new Set(shards.map(({ stream }) => stream))].flatMap((stream) => [
      `  ${escapeText(stream)}`,
      ...shards
        .filter((shard) => shard.stream === stream)
        .flatMap((shard) => wrap('    ', escapeText(shardText(shard)), 6, columns)),
    ]),
  };
  const lines = Object.entries(entries).flatMap(([name, text]) => [
    ...wrap(name.padEnd(12), escapeText(text), 12, columns),
    ...(details[name] ?? []),
  ]);
  return `${lines.join('\n')}\n`;
}

function archiveText({ table, layout, format, positionsOnly }: ArchiveFacts, out: string): string {
  if (positionsOnly !== true) return `${out}: table ${table}, layout ${layout}, format ${format}`;
  return `${out}: table ${table}, positions only: a program gets the items itself`;
}

function dayText({ day, items, bytes }: DayTotals): string {
  return `  ${day.padEnd(10)}${counted(items, 'item').padStart(22)}${formatBytes(bytes).padStart(12)}`;
}

function prunedText({ items, bytes, before }: Pruned): string {
  return `${formatCount(items)} of these, ${formatBytes(bytes)}, deleted before ${before}`;
}

function uploadsText({ segments, bytes, waitingSegments, waitingBytes }: NonNullable<ArchiveStatus['uploads']>) {
  const waiting = `${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) still to upload`;
  return `${counted(segments, 'segment')} (${formatBytes(bytes)}) in S3, ${waitingSegments === 0 ? 'none waiting' : waiting}`;
}

function healthText({ status, reason }: Health): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

function lagText({ lagMs, trimmedInMs = 0, readUpTo = '' }: ArchiveStatus): string {
  if (lagMs === undefined) return 'unknown: a shard has not been read yet';
  const trimmed = trimmedInMs > 0 ? `is trimmed in ${formatDuration(trimmedInMs)}` : 'may have been trimmed';
  return `${formatDuration(lagMs)}, read up to ${readUpTo}; what came then ${trimmed}`;
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
  return `${state}: ${who}, lock renewed ${ago} ago${trouble}`;
}

function shardText({ ShardId, state, position, caughtUpAt }: ShardStatus): string {
  const caughtUp = caughtUpAt === undefined ? 'not caught up yet' : `caught up at ${caughtUpAt} or later`;
  return `${ShardId} ${state}, after ${position}, ${caughtUp}`;
}
