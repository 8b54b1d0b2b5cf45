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
  readonly StreamViewType?: string;
  /** Epoch seconds. */
  readonly CreationRequestDateTime?: number;
  readonly TableName?: string;
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

/** Where to open a shard iterator. A string is the SequenceNumber to read AFTER. */
export type IteratorStart = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string };

/** DynamoDB Streams, one call a method, never retried inside. Throws TtlArchiveError with a code of the call's kind. */
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
   * `onNext` may be told the NextShardIterator, with the size of the answer in bytes, before the records are taken out
   * of the answer, and says whether it has made a request, which then leaves first. The answer may still turn out to be
   * a bad one. `onSize` is told the size of the answer before that is read, which waits for it.
   */
  getRecords(
    input: { ShardIterator: string },
    signal?: AbortSignal,
    onNext?: (NextShardIterator: string, bytes: number) => boolean,
    onSize?: (bytes: number) => Promise<void>,
  ): Promise<RecordsPage>;
  /** A table's streams, also those that were switched off or whose table was deleted in the last 24 hours. */
  listStreams(
    input: { TableName: string; ExclusiveStartStreamArn?: string },
    signal?: AbortSignal,
  ): Promise<StreamsPage>;
  /** GetRecords calls made so far (they are what is billed). */
  readonly getRecordsCalls: number;
  /** The endpoint is on this machine, as far as that is known already. */
  readonly isLoopback?: boolean | undefined;
  close(): void;
}
