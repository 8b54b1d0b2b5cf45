import type { AwsTime, Clock, Disk, Log, Random, StreamsClient, TablesClient } from '../ports/index.js';
import type { Retrier } from '../stream/retry.js';

/** What `watch` works with; tests put their own in. */
export interface WatchTools {
  readonly log: Log;
  readonly clock: Clock;
  readonly awsTime: AwsTime;
  readonly random: Random;
  readonly disk: Disk;
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
}

/** What the parts of one run share. */
export interface RunContext extends WatchTools {
  readonly retrier: Retrier;
  /** Aborts when the run is to end. */
  readonly signal: AbortSignal;
}
