import type { Ignored, WatchProgress, WatchSummary } from '../watch.js';
import { formatDuration } from './duration.js';
import { formatBytes, formatCount } from './numbers.js';
import { formatPrice, monthlyPrice } from './price.js';

const RATE_WINDOW_MS = 5000;

/** Records a second over the last seconds. Call it with each new count. */
export function createRate(now: () => number): (count: number) => number {
  let samples: { readonly at: number; readonly count: number }[] = [];
  return (count) => {
    const at = now();
    samples = [...samples.filter((sample) => at - sample.at <= RATE_WINDOW_MS), { at, count }];
    const [oldest] = samples;
    return oldest === undefined || at === oldest.at ? 0 : ((count - oldest.count) / (at - oldest.at)) * 1000;
  };
}

/** The live status line of `watch`. */
export function progressText({ shards, archived, ignored, lagMs }: WatchProgress, rate: number): string {
  const parts = [
    `${formatCount(shards.open)} ${shards.open === 1 ? 'shard' : 'shards'}`,
    ...(shards.behind > 0 ? [`${formatCount(shards.behind)} behind`] : []),
    `${formatCount(archived)} archived`,
    `${formatCount(sum(ignored))} ignored`,
    `${formatCount(Math.round(rate))} records/s`,
    `lag ${lagMs === undefined ? '-' : formatDuration(lagMs)}`,
  ];
  return parts.join(' | ');
}

/** What the log says at the end of `watch`. A run that was not meant to go on has no price a month. */
export function summaryFacts(summary: WatchSummary, once: boolean): object {
  const { stream, shards, records, archived, archivedBytes, ignored, getRecordsCalls, elapsedMs, gapCount } = summary;
  return {
    StreamArn: stream,
    shards: shards.open + shards.ended,
    records,
    archived,
    size: formatBytes(archivedBytes),
    ignored,
    GetRecords: getRecordsCalls,
    ...(!once && { price: formatPrice(monthlyPrice(getRecordsCalls, elapsedMs)) }),
    elapsed: formatDuration(elapsedMs),
    gaps: gapCount,
  };
}

function sum({ insert, modify, remove, unknown }: Ignored): number {
  return insert + modify + remove + unknown;
}
