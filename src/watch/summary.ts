import type { ErrorCode, TtlArchiveError } from '../errors.js';
import type { Gap, Provenance } from '../ports/index.js';
import type { UploadProgress } from '../upload/upload-progress.js';

export type { UploadProgress } from '../upload/upload-progress.js';

/** Records that were read and not archived. */
export interface Ignored {
  readonly insert: number;
  readonly modify: number;
  /** REMOVE not made by TTL. */
  readonly remove: number;
  /** An eventName that this version does not know. */
  readonly unknown: number;
}

export interface WatchProgress {
  /** The stream is found, the archive folder is locked, and the shards have been listed; false again at the end. */
  readonly isReady: boolean;
  readonly shards: { readonly open: number; readonly behind: number; readonly ended: number };
  readonly records: number;
  readonly archived: number;
  readonly archivedBytes: number;
  /** `archived` by the reason for which an item counts as deleted by TTL. */
  readonly archivedAs: Readonly<Record<Provenance, number>>;
  /** Epoch milliseconds by AWS's clock; undefined before the first item. */
  readonly lastArchivedAt: number | undefined;
  readonly ignored: Ignored;
  /** Gaps that were recorded in the journal, in all. */
  readonly gapCount: number;
  readonly getRecordsCalls: number;
  /** The endpoint is on this machine: its calls cost nothing. */
  readonly isLoopback: boolean;
  /** Calls that failed and were retried, by the code of their error. */
  readonly retries: Readonly<Partial<Record<ErrorCode, number>>>;
  /**
   * Milliseconds since the moment up to which every shard is known to be read: for a shard that is caught up, the last call
   * that found nothing new. By AWS's clock. Undefined until it is known of every shard.
   */
  readonly lagMs: number | undefined;
  /** The lag above which the run is not healthy. */
  readonly maxLagMs: number;
  /** Milliseconds since calls began to fail; undefined while they succeed. */
  readonly failingMs: number | undefined;
  /** Milliseconds for which nothing was read any further although calls succeed; 0 when there is nothing to read. */
  readonly stalledMs: number;
  /** With `upload`. */
  readonly upload?: UploadProgress;
}

export interface WatchSummary extends WatchProgress {
  readonly stream: string;
  readonly elapsedMs: number;
  /** The latest gaps, at most 1,000; those of a shard for deletions without OldImage are one. */
  readonly gaps: readonly Gap[];
  /** The signal ended the run before everything was read, and uploaded. Without `once` nothing else ends it. */
  readonly interrupted: boolean;
  /** Why segments are not uploaded: everything is archived all the same, and the next run uploads them. */
  readonly uploadFailure?: TtlArchiveError;
}
