import type { WatchProgress, WatchSummary } from './summary.js';

/** A run that was started. */
export interface Watching {
  progress(): WatchProgress;
  /** Rejects with a TtlArchiveError; also resolves when gaps were recorded (`gaps`). */
  readonly done: Promise<WatchSummary>;
}
