import type { Limiter } from '../lib/limiter.js';
import type { AwsTime, Clock, Disk, Log, ObjectStorage, Random, StreamsClient, TablesClient } from '../ports/index.js';
import type { InFlightBudget } from '../stream/in-flight-budget.js';
import type { LoggedFailures, Retrier } from '../stream/retry.js';

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
export interface RunContext extends WatchContext, SharedByTables {
  readonly retrier: Retrier;
  /** Aborts when the run has to end. */
  readonly signal: AbortSignal;
}

/** What the runs of all tables that a process watches share; undefined: each run has its own. */
export interface SharedByTables {
  readonly budget?: InFlightBudget | undefined;
  readonly loggedFailures?: LoggedFailures | undefined;
  /** Of the files being written at the same time; one for each table. */
  readonly limitFiles?: Limiter | undefined;
}
