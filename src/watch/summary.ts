import type { TtlArchiveError } from '../errors.js';
import type { Gap } from '../ports/index.js';
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
  readonly shards: { readonly open: number; readonly behind: number; readonly ended: number };
  readonly records: number;
  readonly archived: number;
  readonly archivedBytes: number;
  readonly ignored: Ignored;
  readonly getRecordsCalls: number;
  /**
   * Milliseconds since the oldest moment up to which a shard has been read: for a shard that is caught up, since the last
   * call that found nothing new. Undefined before the first page.
   */
  readonly lagMs: number | undefined;
  /** Milliseconds since calls began to fail; undefined while they succeed. */
  readonly failingMs: number | undefined;
  /** With `upload`. */
  readonly upload?: UploadProgress;
}

export interface WatchSummary extends WatchProgress {
  readonly stream: string;
  readonly elapsedMs: number;
  /** The endpoint is on this machine: its calls cost nothing. */
  readonly isLoopback: boolean;
  /** The latest gaps, at most 1,000; those of a shard for deletions without OldImage are one. */
  readonly gaps: readonly Gap[];
  /** Gaps that were recorded in the journal, in all. */
  readonly gapCount: number;
  /** The signal ended the run before everything was read, and uploaded. Without `once` nothing else ends it. */
  readonly interrupted: boolean;
  /** Why segments are not uploaded: everything is archived all the same, and the next run uploads them. */
  readonly uploadFailure?: TtlArchiveError;
}
