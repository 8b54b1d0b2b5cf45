import type { Checkpoint, JournalLine } from '../ports/index.js';
import type { DeliveredPage } from '../shards/effects.js';

/** Where pages go. A rejection ends the reading: nothing may be skipped. */
export interface PageSink {
  /**
   * Resolves when the page is archived and its checkpoint durable (or kept for later, when the page archives nothing).
   * The page is prepared at once, and committed only after `turn`; when `turn` rejects, it is not committed.
   */
  archive(page: DeliveredPage, turn: Promise<void>): Promise<void>;
  /** Resolves when the lines are durable, in one commit. */
  commit(lines: readonly JournalLine[]): Promise<void>;
  /** Keeps a checkpoint that nothing depends on yet. */
  checkpointLazily(checkpoint: Checkpoint): void;
}
