import { formatDuration } from '../lib/format-duration.js';
import { formatPrice, monthlyPrice } from '../lib/price.js';
import { timeToTrim } from '../watch/health.js';
import type { Ignored, UploadProgress, WatchProgress, WatchSummary } from '../watch/summary.js';
import type { Field } from './field-line.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { wrap } from './wrap.js';

/** A shorter series of failed calls is not reported. */
const UNREACHABLE_MS = 3000;
/** From then on the time until records are trimmed is worth the room on a narrow terminal. */
const SOON_TRIMMED_MS = 12 * 3_600_000;

/**
 * The live status line of `watch`: empty until the shards are listed, unless the endpoint is unreachable. What is not as it
 * should be comes last, so that the other columns stay where they are, and is left out last.
 */
export function progressFields(progress: WatchProgress, rate: number): Field[] {
  const { shards, archived, ignored, lagMs, failingMs = 0, upload } = progress;
  const unreachable =
    failingMs < UNREACHABLE_MS ? [] : [{ text: `unreachable for ${formatDuration(failingMs)}`, rank: 0 }];
  if (shards.open + shards.ended === 0) return unreachable;
  const trimMs = lagMs === undefined ? undefined : Math.floor(Math.max(0, timeToTrim(lagMs)) / 1000) * 1000;
  return [
    { text: counted(shards.open, 'shard'), rank: 6, width: 8 },
    { text: `${formatCount(archived)} archived`, rank: 2, width: 16 },
    { text: `${formatCount(sum(ignored))} ignored`, rank: 8, width: 15 },
    { text: `${formatCount(Math.round(rate))}/s`, rank: 4, width: 6 },
    { text: `lag ${lagText(lagMs)}`, rank: 3, width: 9 },
    {
      text: `trim ${trimMs === undefined ? '-' : formatDuration(trimMs)}`,
      rank: trimMs !== undefined && trimMs < SOON_TRIMMED_MS ? 2 : 7,
      width: 12,
    },
    ...unreachable,
    ...(upload === undefined ? [] : uploadFields(upload)),
    ...(shards.behind > 0 ? [{ text: `${formatCount(shards.behind)} behind`, rank: 5 }] : []),
  ];
}

/** Milliseconds would be another number at each look. */
function lagText(lagMs: number | undefined): string {
  if (lagMs === undefined) return '-';
  return lagMs < 1000 ? '<1s' : formatDuration(lagMs);
}

function uploadFields({ waitingSegments, waitingBytes, failingMs = 0, isPaused }: UploadProgress): Field[] {
  const waiting = `${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) to upload`;
  return [
    ...(isPaused ? [{ text: 'reading paused', rank: 1 }] : []),
    ...(failingMs >= UNREACHABLE_MS ? [{ text: `upload failing for ${formatDuration(failingMs)}`, rank: 1 }] : []),
    ...(waitingSegments > 0 ? [{ text: waiting, rank: 5 }] : []),
  ];
}

/** What a summary is made of; that of several tables has no stream. */
type Summary = WatchProgress & Pick<WatchSummary, 'elapsedMs'> & Partial<Pick<WatchSummary, 'stream'>>;

/** The summary of `watch` as members of a log line. */
export function summaryFacts(summary: Summary, once: boolean): object {
  const { stream, shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount, upload } =
    summary;
  const price = priceOf(summary, once);
  return {
    ...(stream !== undefined && { StreamArn: stream }),
    shards: shards.open + shards.ended,
    records,
    archived,
    size: formatBytes(archivedBytes),
    ignored,
    GetRecords: getRecordsCalls,
    ...(price !== undefined && { price: formatPrice(price) }),
    elapsed: formatDuration(elapsedMs),
    gaps: gapCount,
    ...(upload !== undefined && { uploaded: upload.segments, notUploaded: upload.waitingSegments }),
  };
}

function sum({ insert, modify, remove, unknown }: Ignored): number {
  return insert + modify + remove + unknown;
}

/** How many records were ignored, by kind; empty when none were. */
export function ignoredText({ insert, modify, remove, unknown }: Ignored): string {
  const kinds = [
    [insert, 'INSERT'],
    [modify, 'MODIFY'],
    [remove, 'REMOVE (not TTL)'],
    [unknown, 'unknown'],
  ] as const;
  return kinds.flatMap(([count, kind]) => (count > 0 ? [`${formatCount(count)} ${kind}`] : [])).join(', ');
}

/** The summary of `watch` as text in so many columns. */
export function summaryText(summary: Summary, once: boolean, columns: number): string {
  const { shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount, upload } = summary;
  const price = priceOf(summary, once);
  const why = ignoredText(ignored);
  const first = [
    `archived ${counted(archived, 'item')} (${formatBytes(archivedBytes)})`,
    `ignored ${formatCount(sum(ignored))}${why === '' ? '' : ` (${why})`}`,
    `${counted(gapCount, 'gap')}, in ${formatDuration(elapsedMs)}`,
  ];
  const second = [
    `${counted(records, 'record')} of ${counted(shards.open + shards.ended, 'shard')}`,
    `${counted(getRecordsCalls, 'GetRecords call')}${price === undefined ? '' : `, ${formatPrice(price)}`}`,
  ];
  const sentences = [first.join(', '), second.join(', '), ...(upload === undefined ? [] : [uploadText(upload)])];
  return `${sentences.flatMap((text) => wrap('', text, 2, columns)).join('\n')}\n`;
}

function uploadText({ segments, bytes, waitingSegments, waitingBytes }: UploadProgress): string {
  const left = `, ${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) left for the next start`;
  return `uploaded ${counted(segments, 'segment')} (${formatBytes(bytes)})${waitingSegments === 0 ? '' : left}`;
}

/** No price for `--once`, which has no pace a month, or for an endpoint on this machine. */
function priceOf({ getRecordsCalls, elapsedMs, isLoopback }: Summary, once: boolean) {
  return once || isLoopback ? undefined : monthlyPrice(getRecordsCalls, elapsedMs);
}
