import type { TtlArchiveError } from '../errors.js';
import type { WatchProgress } from './summary.js';

/** How far one of several tables has come; counts are of all its runs. */
export interface TableProgress {
  readonly table: string;
  readonly progress: WatchProgress;
  /** Its last run failed, and the next one has not come as far as to read. */
  readonly isFailing: boolean;
}

/** What became of one of several tables. */
export interface TableOutcome {
  readonly table: string;
  readonly progress: WatchProgress;
  /** The signal ended it before everything was read, and uploaded. Without `once` nothing else ends it. */
  readonly interrupted: boolean;
  /** Why segments are not uploaded: everything is archived all the same. */
  readonly uploadFailure?: TtlArchiveError;
  /** Why the table is not archived: what its last run ended with. */
  readonly failure?: unknown;
}

/** The result of watching several tables. */
export interface TablesSummary {
  /** In the order of their names. Tables that were left on the way are not among them. */
  readonly tables: readonly TableOutcome[];
  readonly elapsedMs: number;
}
