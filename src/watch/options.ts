import type { Connection, Deletions, Format, ItemEntry, Layout } from '../ports/index.js';

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
  /** `segments` only: bytes of a segment (as stored) after which the next one begins. */
  readonly segmentSize?: number | undefined;
  /** Milliseconds. */
  readonly pollInterval?: number | undefined;
  /** Milliseconds. */
  readonly maxPollInterval?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly connection?: Connection | undefined;
  /** Finish the pages in hand, persist, and resolve. */
  readonly signal?: AbortSignal | undefined;
  /** Called once a page is committed, with the page's items. Its shard waits while a promise that it gives is pending. */
  readonly onArchived?: ((items: readonly ItemEntry[]) => unknown) | undefined;
}

type Optional = 'connection' | 'signal' | 'onArchived';

/** Options with every default filled in. */
export type WatchRunOptions = {
  readonly [name in Exclude<keyof WatchOptions, Optional>]-?: NonNullable<WatchOptions[name]>;
} & Pick<WatchOptions, Optional>;

/** Options with every default filled in; one that is given as undefined counts as not given. */
export function withDefaults(options: WatchOptions): WatchRunOptions {
  const { once = false, from = 'trim-horizon', deletions = 'ttl', layout = 'files', format = 'item' } = options;
  const { compress = 'gzip', segmentSize = 64 * 1024 * 1024 } = options;
  const { pollInterval = 250, maxPollInterval = 5000, concurrency = 32 } = options;
  const how = { once, from, deletions, layout, format, compress, segmentSize };
  return { ...options, ...how, pollInterval, maxPollInterval, concurrency };
}
