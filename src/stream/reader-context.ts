import type { AwsTime, Checkpoint, Clock, JournalLine, Log, Random, StreamsClient } from '../ports/index.js';
import type { DeliveredPage } from '../shards/effects.js';
import type { ShardGraphOptions } from '../shards/known-shards.js';
import type { Pace } from '../shards/pacing.js';
import type { InFlightBudget } from './in-flight-budget.js';
import type { Retrier } from './retry.js';

/** Where pages go. A rejection ends the reading: nothing may be skipped. */
export interface PageSink {
  /**
   * The page is prepared at once, and committed only after `turn`; when `turn` rejects, it is not committed. `signal`
   * aborts when the reading ends, which waits for the page.
   */
  archive(page: DeliveredPage, turn: Promise<void>, signal: AbortSignal): PageWrite;
  /** Resolves when the lines are durable, in one commit. */
  commit(lines: readonly JournalLine[]): Promise<void>;
  /** Keeps a checkpoint that nothing depends on yet. */
  checkpointLazily(checkpoint: Checkpoint): void;
}

/** A page on its way into the archive. */
export interface PageWrite {
  /** Resolves when the page is archived and its checkpoint durable (or kept for later, when the page archives nothing). */
  readonly done: Promise<void>;
  /** The turn of the shard's next page. Resolves when nothing that is committed from now on can come before this page; rejects as `done`. */
  readonly next: Promise<void>;
}

export type StreamCalls = Pick<StreamsClient, 'describeStream' | 'getShardIterator' | 'getRecords'>;

export interface StreamReaderContext {
  readonly streams: StreamCalls;
  readonly sink: PageSink;
  /** Used for waiting only. */
  readonly clock: Clock;
  /** Used for every time up to which something was read. */
  readonly awsTime: AwsTime;
  readonly random: Random;
  readonly log: Log;
  readonly retrier: Retrier;
  /** Shared with the readers of other streams. Default: one of its own, of `concurrency`. */
  readonly budget?: InFlightBudget | undefined;
  /** Ends the reading when it aborts. */
  readonly signal: AbortSignal;
}

export interface StreamReaderOptions extends ShardGraphOptions {
  /** Where the shards that exist at a table's first run are read from. */
  readonly from: 'trim-horizon' | 'latest';
  readonly pace: Pace;
  /** GetRecords calls in flight and pages being written, together, over all shards. */
  readonly concurrency: number;
}
