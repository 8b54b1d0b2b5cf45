import type { AwsTime, Clock, Disk, Log, ObjectStorage, Random, StreamsClient, TablesClient } from '../ports/index.js';
import type { InFlightBudget } from '../stream/in-flight-budget.js';
import type { Retrier } from '../stream/retry.js';

/** What `watch` works with; tests replace it. */
export interface WatchContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly awsTime: AwsTime;
  readonly random: Random;
  readonly disk: Disk;
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
  /** For `upload`; default: S3. */
  readonly storage?: ObjectStorage | undefined;
}

/** What the parts of one run share. */
export interface RunContext extends WatchContext {
  readonly retrier: Retrier;
  /** Aborts when the run has to end. */
  readonly signal: AbortSignal;
  /** Of all tables that this process watches; undefined: of this run alone. */
  readonly budget?: InFlightBudget | undefined;
}
