import type { ChangeRecord, Checkpoint, JournalLine } from '../ports/index.js';

/** Records of one shard, in order, none of them delivered before, and the checkpoint that holds once they are kept. */
export interface DeliveredPage {
  readonly ShardId: string;
  readonly records: readonly ChangeRecord[];
  readonly checkpoint: Checkpoint;
}

/** Where what was read goes. A rejection ends the reading: nothing may be stepped over. */
export interface PageSink {
  /**
   * Resolves when the page is archived and its checkpoint durable (or noted, when the page archives nothing). It is
   * made ready at once, and committed only after `turn`; when `turn` rejects, it is not committed.
   */
  deliver(page: DeliveredPage, turn: Promise<void>): Promise<void>;
  /** Resolves when the lines are durable, in one commit. */
  record(lines: readonly JournalLine[]): Promise<void>;
  /** Keeps a checkpoint that nothing depends on yet. */
  note(checkpoint: Checkpoint): void;
}
