import type { ChangeRecord } from './records.js';

export interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly SequenceNumberRange?: {
    readonly StartingSequenceNumber?: string;
    /** Present once the shard is closed. */
    readonly EndingSequenceNumber?: string;
  };
}

/** One page of DescribeStream. */
export interface StreamDescription {
  readonly StreamArn: string;
  readonly StreamStatus: string;
  readonly Shards: readonly Shard[];
  readonly LastEvaluatedShardId?: string;
}

/** One page of ListStreams. */
export interface StreamsPage {
  readonly Streams: readonly { readonly StreamArn: string }[];
  readonly LastEvaluatedStreamArn?: string;
}

/** One page of GetRecords. */
export interface RecordsPage {
  readonly Records: readonly ChangeRecord[];
  /** Absent on the last page of a closed shard (which may still carry records). */
  readonly NextShardIterator?: string;
  /** Size of the response body in bytes: tells a full page from one at the tip of the stream. */
  readonly bytes: number;
}

/** Where a shard iterator starts; `after` is a SequenceNumber. */
export type IteratorStart = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string };

/** DynamoDB Streams: one call a method, without retries. Throws TtlArchiveError. */
export interface StreamsClient {
  describeStream(
    input: {
      StreamArn: string;
      ExclusiveStartShardId?: string;
      ShardFilter?: { Type: 'CHILD_SHARDS'; ShardId: string };
    },
    signal?: AbortSignal,
  ): Promise<StreamDescription>;
  getShardIterator(
    input: { StreamArn: string; ShardId: string; start: IteratorStart },
    signal?: AbortSignal,
  ): Promise<string>;
  /**
   * `onSize` is called with the size of the response in bytes before that is read; reading waits for what it returns. `onNext` may be
   * called with the NextShardIterator before the response is parsed, which may still turn out to be invalid; it returns
   * true when it has made a request, which is then sent before the parsing.
   */
  getRecords(
    input: { ShardIterator: string },
    signal?: AbortSignal,
    onNext?: (NextShardIterator: string, bytes: number) => boolean,
    onSize?: (bytes: number) => Promise<void> | undefined,
  ): Promise<RecordsPage>;
  /** A table's streams, including those that were switched off, or whose table was deleted, in the last 24 hours. */
  listStreams(
    input: { TableName: string; ExclusiveStartStreamArn?: string },
    signal?: AbortSignal,
  ): Promise<StreamsPage>;
  /** GetRecords calls made so far: AWS bills these. */
  readonly getRecordsCalls: number;
  /** The endpoint is on this machine; undefined before the first call. */
  readonly isLoopback?: boolean | undefined;
  close(): void;
}
