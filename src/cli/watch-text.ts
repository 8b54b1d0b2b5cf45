import { formatDuration } from '../lib/format-duration.js';
import { formatPrice, monthlyPrice } from '../lib/price.js';
import type { Ignored, UploadProgress, WatchProgress, WatchSummary } from '../watch/summary.js';
import { counted, formatBytes, formatCount } from './numbers.js';

const RATE_WINDOW_MS = 5000;
/** A shorter series of failed calls is not reported. */
const UNREACHABLE_MS = 3000;

/** Records per second over the last five seconds. Call it with each new count. */
export function createRate(now: () => number): (count: number) => number {
  let samples: { readonly at: number; readonly count: number }[] = [];
  return (count) => {
    const at = now();
    samples = [...samples.filter((sample) => at - sample.at <= RATE_WINDOW_MS), { at, count }];
    const [oldest] = samples;
    return oldest === undefined || at === oldest.at ? 0 : ((count - oldest.count) / (at - oldest.at)) * 1000;
  };
}

/** The live status line of `watch`: empty until the shards are listed, unless the endpoint is unreachable. */
export function progressText(progress: WatchProgress, rate: number): string {
  const { shards, archived, ignored, lagMs, failingMs = 0, upload } = progress;
  const parts = [
    counted(shards.open, 'shard'),
    ...(shards.behind > 0 ? [`${formatCount(shards.behind)} behind`] : []),
    `${formatCount(archived)} archived`,
    `${formatCount(sum(ignored))} ignored`,
    `${formatCount(Math.round(rate))} records/s`,
    `lag ${lagMs === undefined ? '-' : formatDuration(lagMs)}`,
  ];
  const unreachable = failingMs >= UNREACHABLE_MS ? [`unreachable for ${formatDuration(failingMs)}`] : [];
  const uploads = upload === undefined ? [] : uploadParts(upload);
  return [...(shards.open + shards.ended > 0 ? [...uploads, ...parts] : []), ...unreachable].join(' | ');
}

/** First in the line, because they say what is not as it should be. */
function uploadParts({ waitingSegments, waitingBytes, failingMs = 0, isPaused }: UploadProgress): string[] {
  const waiting = `${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) to upload`;
  return [
    ...(isPaused ? ['reading paused'] : []),
    ...(failingMs >= UNREACHABLE_MS ? [`upload failing for ${formatDuration(failingMs)}`] : []),
    ...(waitingSegments > 0 ? [waiting] : []),
  ];
}

/** The summary of `watch` as members of a log line. */
export function summaryFacts(summary: WatchSummary, once: boolean): object {
  const { stream, shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount, upload } =
    summary;
  const price = priceOf(summary, once);
  return {
    StreamArn: stream,
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

/** The summary of `watch` as two lines of text. */
export function summaryText(summary: WatchSummary, once: boolean): string {
  const { shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount, upload } = summary;
  const price = priceOf(summary, once);
  const kinds = [
    [ignored.insert, 'INSERT'],
    [ignored.modify, 'MODIFY'],
    [ignored.remove, 'REMOVE (not TTL)'],
    [ignored.unknown, 'unknown'],
  ] as const;
  const why = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${formatCount(count)} ${kind}`);
  const first = [
    `archived ${counted(archived, 'item')} (${formatBytes(archivedBytes)})`,
    `ignored ${formatCount(sum(ignored))}${why.length === 0 ? '' : ` (${why.join(', ')})`}`,
    `${counted(gapCount, 'gap')}, in ${formatDuration(elapsedMs)}`,
  ];
  const second = [
    `${counted(records, 'record')} of ${counted(shards.open + shards.ended, 'shard')}`,
    `${counted(getRecordsCalls, 'GetRecords call')}${price === undefined ? '' : `, ${formatPrice(price)}`}`,
  ];
  const third = upload === undefined ? '' : `${uploadText(upload)}\n`;
  return `${first.join(', ')}\n${second.join(', ')}\n${third}`;
}

function uploadText({ segments, bytes, waitingSegments, waitingBytes }: UploadProgress): string {
  const left = `, ${counted(waitingSegments, 'segment')} (${formatBytes(waitingBytes)}) left for the next start`;
  return `uploaded ${counted(segments, 'segment')} (${formatBytes(bytes)})${waitingSegments === 0 ? '' : left}`;
}

/** No price for `--once`, which has no pace a month, or for an endpoint on this machine. */
function priceOf({ getRecordsCalls, elapsedMs, isLoopback }: WatchSummary, once: boolean) {
  return once || isLoopback ? undefined : monthlyPrice(getRecordsCalls, elapsedMs);
}
