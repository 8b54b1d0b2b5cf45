import type { Ignored, WatchProgress, WatchSummary } from '../watch/summary.js';
import { formatDuration } from './duration.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { formatPrice, monthlyPrice } from './price.js';

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
export function progressText({ shards, archived, ignored, lagMs, failingMs = 0 }: WatchProgress, rate: number): string {
  const parts = [
    counted(shards.open, 'shard'),
    ...(shards.behind > 0 ? [`${formatCount(shards.behind)} behind`] : []),
    `${formatCount(archived)} archived`,
    `${formatCount(sum(ignored))} ignored`,
    `${formatCount(Math.round(rate))} records/s`,
    `lag ${lagMs === undefined ? '-' : formatDuration(lagMs)}`,
  ];
  const unreachable = failingMs >= UNREACHABLE_MS ? [`unreachable for ${formatDuration(failingMs)}`] : [];
  return [...(shards.open + shards.ended > 0 ? parts : []), ...unreachable].join(' | ');
}

/** The summary of `watch` as members of a log line. */
export function summaryFacts(summary: WatchSummary, once: boolean): object {
  const { stream, shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount } = summary;
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
  };
}

function sum({ insert, modify, remove, unknown }: Ignored): number {
  return insert + modify + remove + unknown;
}

/** The summary of `watch` as two lines of text. */
export function summaryText(summary: WatchSummary, once: boolean): string {
  const { shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount } = summary;
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
  return `${first.join(', ')}\n${second.join(', ')}\n`;
}

/** No price for `--once`, which has no pace a month, or for an endpoint on this machine. */
function priceOf({ getRecordsCalls, elapsedMs, isLoopback }: WatchSummary, once: boolean) {
  return once || isLoopback ? undefined : monthlyPrice(getRecordsCalls, elapsedMs);
}
