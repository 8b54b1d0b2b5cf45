import type { Connection, Deletions, Format, Gap, ItemEntry, Layout, Log } from '../ports/index.js';
import { DEFAULT_MAX_LAG } from './health.js';

/** Where closed segments are uploaded to. */
export interface WatchUpload {
  /** `s3://bucket/prefix`: the archive in S3. One prefix holds one table. */
  readonly to: string;
  /** Endpoint of S3; default: as configured for the AWS SDK. */
  readonly endpointUrl?: string | undefined;
  /** Remove segments from the archive folder once they are in S3. */
  readonly deleteUploaded?: boolean | undefined;
  /** Stop reading while so many bytes of closed segments are not uploaded; default: no limit. */
  readonly spoolLimit?: number | undefined;
}

export interface WatchOptions {
  readonly table: string;
  /** The archive folder. */
  readonly out: string;
  /** Archive what the stream holds now, then end. */
  readonly once?: boolean | undefined;
  readonly from?: 'trim-horizon' | 'latest' | undefined;
  readonly deletions?: Deletions | undefined;
  readonly layout?: Layout | undefined;
  readonly format?: Format | undefined;
  /** `segments` only. */
  readonly compress?: 'gzip' | 'none' | undefined;
  /** `segments` only: start a new segment at this stored size, in bytes. */
  readonly segmentSize?: number | undefined;
  /** Milliseconds. */
  readonly pollInterval?: number | undefined;
  /** Milliseconds. */
  readonly maxPollInterval?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Milliseconds: log `health.lost` when reading is further behind than this; default: 12 hours, half the life of a record. */
  readonly maxLag?: number | undefined;
  /** Layout `segments`, format `item`, gzip: upload closed segments to S3. A failing upload does not end the run. */
  readonly upload?: WatchUpload | undefined;
  readonly connection?: Connection | undefined;
  /** Ends the run: pages in flight are finished and committed, then it resolves. */
  readonly signal?: AbortSignal | undefined;
  /** Called after the commit of a page, with its items. The page's shard waits for a promise that this returns. */
  readonly onArchived?: ((items: readonly ItemEntry[]) => unknown) | undefined;
  /** Called after a gap was recorded in the journal: records may have been lost before they were read. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
  /** Default: nothing is logged. A pino logger is one. */
  readonly log?: Log | undefined;
}

export const DEFAULT_CONCURRENCY = 32;

type Optional = 'upload' | 'connection' | 'signal' | 'onArchived' | 'onGap' | 'log';

/** Options with every default filled in. */
export type WatchRunOptions = {
  readonly [name in Exclude<keyof WatchOptions, Optional>]-?: NonNullable<WatchOptions[name]>;
} & Pick<WatchOptions, Optional>;

/** Fills the defaults in, also for options that are undefined. */
export function withDefaults(options: WatchOptions): WatchRunOptions {
  const { once = false, from = 'trim-horizon', deletions = 'ttl', layout = 'files', format = 'item' } = options;
  const { compress = 'gzip', segmentSize = 64 * 1024 * 1024 } = options;
  const { pollInterval = 250, maxPollInterval = 5000, concurrency = DEFAULT_CONCURRENCY } = options;
  const { maxLag = DEFAULT_MAX_LAG } = options;
  const filled = { once, from, deletions, layout, format, compress, segmentSize };
  return { ...options, ...filled, pollInterval, maxPollInterval, concurrency, maxLag };
}

/** What every run needs, whatever becomes of the items. */
export type RunOptions = Pick<
  WatchRunOptions,
  | 'table'
  | 'once'
  | 'from'
  | 'deletions'
  | 'pollInterval'
  | 'maxPollInterval'
  | 'concurrency'
  | 'maxLag'
  | 'signal'
  | 'onGap'
>;
