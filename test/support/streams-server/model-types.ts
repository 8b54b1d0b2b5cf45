import type { KeyAttribute } from '../../../src/ports/index.js';
import type { RecordLog } from './record-log.js';
import type { Numbering, SequenceNumbers } from './sequence-numbers.js';

/** How the simulated service behaves; every member may be changed at any moment. */
export interface ModelSettings {
  /** Shards a page of DescribeStream. Default 100, as on AWS. */
  describePageSize: number;
  /** Streams a page of ListStreams. Default 100, as on AWS. */
  listPageSize: number;
  /** Life of a shard iterator in milliseconds of the model's clock. Default 15 minutes, as on AWS. */
  iteratorLifeMs: number;
  /** How many of the `available` records a page may hold (0 gives an empty page); undefined: as many as AWS allows. */
  cutPage: ((available: number) => number) | undefined;
  /** Which call rejects a trimmed position. */
  trimmedAt: 'GetShardIterator' | 'GetRecords';
  /** What becomes of DescribeStream's ShardFilter. */
  shardFilter: 'supported' | 'rejected' | 'ignored';
  /** The last page of a closed shard carries records, or it is an empty page of its own. */
  closedShardEnd: 'with-records' | 'empty-page';
  /** Calls a second (model's clock) beyond which they are throttled; undefined: no limit. */
  getRecordsPerShardPerSecond: number | undefined;
  describeStreamPerSecond: number | undefined;
}

export interface ModelOptions {
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: () => number;
  /** `ddblocal` also means DynamoDB Local's SequenceNumbers and rounding. Default us-east-1. */
  readonly region?: string;
  readonly numbering?: Numbering;
  readonly settings?: Partial<ModelSettings>;
}

export interface TableInput {
  readonly TableName: string;
  /** Default: hash key `PK` of type S. */
  readonly keySchema?: readonly KeyAttribute[];
  /** Default `ttl`; null: TTL is off. */
  readonly ttlAttribute?: string | null;
  /** Default OLD_IMAGE; null: no stream. */
  readonly viewType?: string | null;
  /** Open shards of the stream at its start. Default 1. */
  readonly shards?: number;
}

export interface SimulatedTable {
  readonly TableName: string;
  readonly keySchema: readonly KeyAttribute[];
  ttlAttribute: string | null;
  ttlStatus: string;
  TableStatus: string;
  /** A test sets them. */
  tags?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** The latest one, disabled or not. */
  stream: SimulatedStream | undefined;
}

export interface SimulatedStream {
  readonly StreamArn: string;
  readonly StreamLabel: string;
  readonly table: SimulatedTable;
  readonly viewType: string;
  readonly createdAt: number;
  StreamStatus: 'ENABLED' | 'DISABLED';
  /** In the order of their ShardIds; removed ones are taken out. */
  shards: SimulatedShard[];
}

/** How long a listing is wrong: for so many DescribeStream calls, or until a moment, whichever comes first. */
export interface WrongListing {
  calls: number;
  readonly until: number;
}

export interface SimulatedShard {
  readonly ShardId: string;
  readonly number: number;
  readonly ParentShardId: string | undefined;
  readonly stream: SimulatedStream;
  readonly sequenceNumbers: SequenceNumbers;
  readonly log: RecordLog;
  /** Epoch milliseconds; undefined while the shard is open. */
  closedAt: number | undefined;
  /** Number of records trimmed away. */
  trimmed: number;
  removed: boolean;
  /** Empty pages that stand before the record with this index. */
  readonly emptyPages: Map<number, number>;
  /** Not listed by DescribeStream. */
  hidden: WrongListing | undefined;
  /** A listing has shown it. */
  wasListed: boolean;
  /** Listed without its EndingSequenceNumber although closed. */
  shownOpen: WrongListing | undefined;
  /** Iterators of an earlier generation have expired. */
  generation: number;
}
