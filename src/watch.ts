import type { Connection, Deletions, Format, Gap, ItemEntry, Layout } from './ports.js';

export interface WatchOptions {
  readonly table: string;
  /** The archive folder. */
  readonly out: string;
  /** Archive what the stream holds now, then end. */
  readonly once?: boolean;
  readonly from?: 'trim-horizon' | 'latest';
  readonly deletions?: Deletions;
  readonly layout?: Layout;
  readonly format?: Format;
  /** `segments` only. */
  readonly compress?: 'gzip' | 'none';
  /** `segments` only: bytes of a segment (as stored) after which the next one begins. */
  readonly segmentSize?: number;
  /** Milliseconds. */
  readonly pollInterval?: number;
  /** Milliseconds. */
  readonly maxPollInterval?: number;
  readonly concurrency?: number;
  readonly connection?: Connection;
  /** Finish the pages in hand, persist, and resolve. */
  readonly signal?: AbortSignal;
  /** Called once a page is committed, with the page's items. */
  readonly onArchived?: (items: readonly ItemEntry[]) => void;
}

/** Records that were read and not archived, by why. */
export interface Ignored {
  readonly insert: number;
  readonly modify: number;
  /** REMOVE not made by TTL. */
  readonly remove: number;
  /** An eventName that this version does not know. */
  readonly unknown: number;
}

export interface WatchProgress {
  readonly shards: { readonly open: number; readonly behind: number; readonly ended: number };
  readonly records: number;
  readonly archived: number;
  readonly archivedBytes: number;
  readonly ignored: Ignored;
  readonly getRecordsCalls: number;
  /** Milliseconds since the oldest moment up to which a shard is known to be read; undefined before the first page. */
  readonly lagMs: number | undefined;
}

export interface WatchSummary extends WatchProgress {
  readonly stream: string;
  readonly elapsedMs: number;
  readonly gaps: readonly Gap[];
}

export interface Watching {
  progress(): WatchProgress;
  /** Rejects with a TtlArchiveError; resolves also when a gap was recorded (`gaps` tells). */
  readonly done: Promise<WatchSummary>;
}

/** Tails every shard of the table's stream and archives the items that TTL deleted. */
export function watch(_options: WatchOptions): Watching {
  throw new Error('not written yet');
}
