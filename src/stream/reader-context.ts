import type { AwsTime, Clock, Log, Random, StreamsClient } from '../ports/index.js';
import type { ShardGraphOptions } from '../shards/known-shards.js';
import type { Pace } from '../shards/pacing.js';
import type { PageSink } from './page-sink.js';
import type { Retrier } from './retry.js';

export interface StreamReaderContext {
  readonly streams: StreamsClient;
  readonly sink: PageSink;
  /** For waiting alone. */
  readonly clock: Clock;
  /** For whatever says until when something was read. */
  readonly awsTime: AwsTime;
  readonly random: Random;
  readonly log: Log;
  readonly retrier: Retrier;
}

export interface StreamReaderOptions extends ShardGraphOptions {
  /** Where shards that are there at a table's first run begin. */
  readonly from: 'trim-horizon' | 'latest';
  readonly pace: Pace;
  /** GetRecords calls in flight and pages being written, together, over all shards. */
  readonly concurrency: number;
}
