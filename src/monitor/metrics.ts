import { DOLLARS_PER_CALL } from '../lib/price.js';
import { HEALTH_STATUSES, type Health, timeToTrim } from '../watch/health.js';
import type { WatchProgress } from '../watch/summary.js';
import type { MetricFamily } from './exposition.js';

/** What the metrics of one table are made of. */
export interface TableFacts {
  readonly table: string;
  readonly progress: WatchProgress;
  readonly health: Health;
}

/** One value, several by the value of a label, or none. */
type Values = number | undefined | Readonly<Record<string, number | undefined>>;

export interface Metric extends Pick<MetricFamily, 'name' | 'type' | 'help'> {
  /** Tells the values apart, besides `table`. Its values are few, whatever the number of shards and items. */
  readonly label?: string;
  readonly of: (facts: TableFacts) => Values;
}

const gauge = (name: string, help: string, of: Metric['of'], label?: string): Metric => ({
  name: `ttl_archive_${name}`,
  type: 'gauge',
  help,
  of,
  ...(label !== undefined && { label }),
});

const counter = (name: string, ...rest: Parameters<typeof gauge> extends [string, ...infer R] ? R : never): Metric => ({
  ...gauge(`${name}_total`, ...rest),
  type: 'counter',
});

/** The usual causes are there from the start, so that the first one is seen as an increase. */
const NO_RETRIES = { THROTTLED: 0, SERVICE: 0, NETWORK: 0, BAD_RESPONSE: 0, EXPIRED_ITERATOR: 0 };

/** Every metric of a table. */
export const METRICS: readonly Metric[] = [
  gauge('ready', '1 when the stream is found, the archive is locked and the shards are listed.', ({ progress }) =>
    Number(progress.isReady),
  ),
  gauge(
    'health',
    '1 for the status that /healthz answers with, 0 for the others.',
    ({ health }) => Object.fromEntries(HEALTH_STATUSES.map((status) => [status, Number(status === health.status)])),
    'status',
  ),
  gauge('lag_known', '1 when the lag is known, which needs a first page of every shard.', ({ progress }) =>
    Number(progress.lagMs !== undefined),
  ),
  gauge(
    'lag_seconds',
    'Time since the moment up to which every shard is known to be read. Absent until it is known.',
    ({ progress }) => seconds(progress.lagMs),
  ),
  gauge(
    'max_lag_seconds',
    'The lag above which the watch is not healthy (--max-lag).',
    ({ progress }) => progress.maxLagMs / 1000,
  ),
  gauge(
    'time_to_trim_seconds',
    'Time until DynamoDB Streams trims the oldest record that may be unread, 24 hours after it was written. Negative when it may have been trimmed. Absent as the lag.',
    ({ progress: { lagMs } }) => (lagMs === undefined ? undefined : timeToTrim(lagMs) / 1000),
  ),
  gauge('failing_seconds', 'Time for which every call to DynamoDB has failed; 0 while they succeed.', ({ progress }) =>
    seconds(progress.failingMs ?? 0),
  ),
  gauge('stalled_seconds', 'Time for which nothing was read any further although calls succeed.', ({ progress }) =>
    seconds(progress.stalledMs),
  ),
  gauge('open_shards', 'Shards that are not read to their end.', ({ progress }) => progress.shards.open),
  gauge('behind_shards', 'Open shards that are not caught up.', ({ progress }) => progress.shards.behind),
  gauge('ended_shards', 'Shards that are read to their end.', ({ progress }) => progress.shards.ended),
  counter('read_records', 'Records read from the stream.', ({ progress }) => progress.records),
  counter(
    'archived_items',
    'Items archived, by the reason for which they count as deleted by TTL.',
    ({ progress }) => progress.archivedAs,
    'provenance',
  ),
  counter(
    'archived_bytes',
    'Bytes of the archived items, before compression.',
    ({ progress }) => progress.archivedBytes,
  ),
  gauge(
    'last_archived_timestamp_seconds',
    "When an item was archived last, by AWS's clock. Absent before the first one.",
    ({ progress }) => seconds(progress.lastArchivedAt),
  ),
  counter(
    'ignored_records',
    'Records read and not archived: insert, modify, remove (not by TTL), unknown.',
    ({ progress }) => ({ ...progress.ignored }),
    'kind',
  ),
  counter(
    'gaps',
    'Gaps recorded in the journal: records that are, or may be, lost.',
    ({ progress }) => progress.gapCount,
  ),
  counter('get_records_calls', 'GetRecords calls.', ({ progress }) => progress.getRecordsCalls),
  counter(
    'get_records_dollars',
    'List price of these calls in US dollars, before the free calls of a month; 0 on an endpoint on this machine.',
    ({ progress }) => (progress.isLoopback ? 0 : progress.getRecordsCalls * DOLLARS_PER_CALL),
  ),
  counter(
    'retries',
    'Calls that failed and were retried, by the code of the error.',
    ({ progress }) => lowerCase({ ...NO_RETRIES, ...progress.retries }),
    'cause',
  ),
  counter(
    'uploaded_segments',
    'Segments uploaded to S3. With --upload only.',
    ({ progress }) => progress.upload?.segments,
  ),
  counter('uploaded_bytes', 'Bytes of these segments.', ({ progress }) => progress.upload?.bytes),
  gauge(
    'upload_pending_segments',
    'Closed segments that wait for their upload.',
    ({ progress }) => progress.upload?.waitingSegments,
  ),
  gauge('upload_pending_bytes', 'Bytes of these segments.', ({ progress }) => progress.upload?.waitingBytes),
  gauge(
    'upload_failing_seconds',
    'Time for which uploads have failed; 0 while they succeed.',
    ({ progress: { upload } }) => upload && seconds(upload.failingMs ?? 0),
  ),
  gauge(
    'upload_paused',
    '1 while reading stands still because of --spool-limit.',
    ({ progress: { upload } }) => upload && Number(upload.isPaused),
  ),
];

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function lowerCase(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([code, count]) => [code.toLowerCase(), count]));
}
