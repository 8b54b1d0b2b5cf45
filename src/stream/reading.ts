import type { AwsTime, Checkpoint, Clock, Log, Random, StreamsClient } from '../ports/index.js';
import type { Pace } from './pacing.js';
import type { PageSink } from './page-sink.js';
import type { Retrier } from './retry.js';

export interface StreamReaderTools {
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

export interface StreamReaderOptions {
  readonly StreamArn: string;
  /** End when every shard has been read up to the start of the run. */
  readonly once: boolean;
  readonly from: 'trim-horizon' | 'latest';
  readonly pace: Pace;
  /** GetRecords calls in flight and pages being written, together, over all shards. */
  readonly concurrency: number;
  /** The stream's checkpoints from earlier runs. */
  readonly known: ReadonlyMap<string, Checkpoint>;
  /** Epoch milliseconds. Of a stream that no run has read: nothing that it received since then may be missed untold. */
  readonly promisedSince?: number | undefined;
  /** Earlier runs have dropped ended shards of the stream: `known` does not hold all that were ever read. */
  readonly hasDropped?: boolean;
}

/** What ends a reading before its time. Everything that reads the stream shares one. */
export class Halt {
  readonly #controller = new AbortController();
  /** Aborts with the caller's signal, and when the reading fails or ends. */
  readonly signal: AbortSignal;
  failure: { readonly error: unknown } | undefined;
  /** The stream exists no more. */
  gone = false;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Nothing more is read or written. The first error counts. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.end();
  }

  end(): void {
    this.#controller.abort();
  }
}
