/**
 * The interfaces between the rooms. Every room may import this file and `errors.ts`, and no other room's code;
 * `watch.ts` and the CLI put the parts together.
 */

// ---------------------------------------------------------------------------------------------- wire data

/** An attribute value in DynamoDB JSON exactly as sent: `{"S":"x"}`, `{"N":"1.0"}`, `{"B":"<base64>"}`, … */
export type WireValue = { readonly [type: string]: unknown };

/** An item (or key) in DynamoDB JSON exactly as sent. */
export type WireItem = { readonly [attribute: string]: WireValue };

/** A stream record exactly as GetRecords sent it (wire JSON, not the SDK's deserialised form). */
export interface ChangeRecord {
  readonly eventID: string;
  /** INSERT, MODIFY or REMOVE; DynamoDB Local 3.x also sends UNKNOWN_TO_SDK_VERSION (for a TTL deletion). */
  readonly eventName: string;
  readonly awsRegion?: string;
  readonly userIdentity?: { readonly Type?: string; readonly PrincipalId?: string } | null;
  readonly dynamodb: {
    /** Epoch seconds, rounded down (DynamoDB Local: to the minute). */
    readonly ApproximateCreationDateTime?: number;
    readonly Keys: WireItem;
    readonly NewImage?: WireItem;
    readonly OldImage?: WireItem;
    /** A decimal string of up to 40 digits; compare as BigInt. */
    readonly SequenceNumber: string;
    readonly SizeBytes?: number;
    readonly StreamViewType?: string;
  };
}

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

// ---------------------------------------------------------------------------------------------- AWS

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

export interface KeyAttribute {
  readonly name: string;
  readonly keyType: 'HASH' | 'RANGE';
  readonly type: 'S' | 'N' | 'B';
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableArn: string;
  /** CREATING, ACTIVE, UPDATING, DELETING, … */
  readonly TableStatus: string;
  /** Hash key first. */
  readonly keySchema: readonly KeyAttribute[];
  readonly itemCount?: number;
  readonly stream: { readonly enabled: boolean; readonly viewType?: string };
  /** Present also for a while after the stream was disabled. */
  readonly LatestStreamArn?: string;
}

export interface TimeToLive {
  /** ENABLING, DISABLING, ENABLED or DISABLED. */
  readonly status: string;
  readonly attribute?: string;
}

/** DynamoDB itself. Items travel as wire JSON. Throws TtlArchiveError; a missing table is TABLE_NOT_FOUND. */
export interface TablesClient {
  describeTable(TableName: string, signal?: AbortSignal): Promise<TableDescription>;
  describeTimeToLive(TableName: string, signal?: AbortSignal): Promise<TimeToLive>;
  createTable(
    input: { TableName: string; keySchema: readonly KeyAttribute[]; viewType: string },
    signal?: AbortSignal,
  ): Promise<void>;
  updateTimeToLive(input: { TableName: string; attribute: string }, signal?: AbortSignal): Promise<void>;
  enableStream(input: { TableName: string; viewType: string }, signal?: AbortSignal): Promise<void>;
  deleteTable(TableName: string, signal?: AbortSignal): Promise<void>;
  /** With `ifAbsent` (the key attributes), throws CONDITION_FAILED instead of overwriting. */
  putItem(
    input: { TableName: string; item: WireItem; ifAbsent?: readonly string[] },
    signal?: AbortSignal,
  ): Promise<void>;
  /** The item (ConsistentRead), or undefined. */
  getItem(input: { TableName: string; key: WireItem }, signal?: AbortSignal): Promise<WireItem | undefined>;
  deleteItem(input: { TableName: string; key: WireItem }, signal?: AbortSignal): Promise<void>;
  close(): void;
}

// ---------------------------------------------------------------------------------------------- the archive

export type Deletions = 'ttl' | 'inferred' | 'all';
export type Layout = 'files' | 'segments';
export type Format = 'item' | 'record' | 'plain';
/** Why an item counts as deleted by TTL (docs/archive-format.md). */
export type Provenance = 'ttl' | 'ddb-local' | 'inferred' | 'all';

/** An item ready to be written: its bytes and the facts that the journal keeps about it. */
export interface ArchivedItem {
  readonly record: ItemFacts;
  /** `files`: the file name. A function of the record alone. */
  readonly fileName: string;
  /** The encoded item without a line feed. */
  readonly body: string;
}

export interface ItemFacts {
  readonly eventID: string;
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly Keys: WireItem;
  /** Value of the TTL attribute in epoch seconds, when it is a number. */
  readonly ttl?: number;
  /** ApproximateCreationDateTime as ISO 8601 (UTC). */
  readonly deletedAt: string;
  readonly provenance: Provenance;
}

/** Where an item of a committed page lies; what a journal's item line holds. */
export interface ItemEntry extends ItemFacts {
  /** Path relative to the archive folder, with `/`. In `segments`: the closed segment's name. */
  readonly file: string;
  /** Hex SHA-256 of the file (`files`: with its final line feed) or of the line without line feed (`segments`). */
  readonly sha256: string;
  /** Bytes covered by sha256. */
  readonly size: number;
  /** `segments`: byte offset in the file of the gzip member (or of the line when not compressed). */
  readonly offset?: number;
  /** `segments` with gzip: index of the line inside that member. */
  readonly line?: number;
}

/** `segments`: how much of a segment belongs to the archive once the commit that carries it is durable. */
export interface SegmentLength {
  readonly file: string;
  readonly length: number;
  /** The segment got its final name after this length was reached; it never changes again. */
  readonly closed?: true;
}

/** Durable storage of archived items. */
export interface ItemStore {
  /**
   * Makes one page's items durable and then calls `commit` exactly once with what the journal has to hold. Calls of
   * `commit` come in the order in which bytes were appended. Resolves when `commit` has resolved. What can be done of
   * it without a trace in the archive's order is done at once; the rest waits for `turn`, and is left when that rejects.
   */
  write(
    items: readonly ArchivedItem[],
    commit: (written: Written) => Promise<void>,
    turn?: Promise<void>,
  ): Promise<void>;
  /** Closes what is open (`segments`: gives the open segments their final names). Gives what the journal must still hold. */
  close(): Promise<readonly SegmentLength[]>;
}

export interface Written {
  readonly items: readonly ItemEntry[];
  readonly segments?: readonly SegmentLength[];
}

// ---------------------------------------------------------------------------------------------- the journal

/** How far a shard is archived: a SequenceNumber to read AFTER, or one of three words. */
export type Position = 'TRIM_HORIZON' | 'LATEST' | 'SHARD_END' | (string & {});

export interface Checkpoint {
  readonly stream: string;
  readonly ShardId: string;
  readonly position: Position;
  /** ISO 8601: everything that the shard received before this moment has been read. Absent: never caught up. */
  readonly caughtUpAt?: string;
  /** With SHARD_END: no listing has shown a child of the shard yet. */
  readonly childless?: true;
  /** ISO 8601: when this was written (LATEST: the moment that it stands for; not read yet: since when it is promised). */
  readonly at: string;
  /** The times are AWS's, not those of a machine whose clock may have been wrong. Absent in older journals. */
  readonly awsTime?: true;
  readonly segments?: readonly SegmentLength[];
}

/**
 * Why records may be missing:
 * - `position-trimmed`: the checkpoint was older than the trim horizon;
 * - `started-late`: reading began at the trim horizon, too late for what came before it;
 * - `shard-gone`, `stream-gone`: it left the stream, or DynamoDB, before it was read to its end;
 * - `children-unlisted`: a shard ended, and none of its children is listed any more;
 * - `shard-not-found`: the stream lists the shard and says at the same time that it does not exist;
 * - `no-old-image`: a deletion came without its OldImage.
 */
export type GapCause =
  | 'position-trimmed'
  | 'started-late'
  | 'shard-gone'
  | 'stream-gone'
  | 'children-unlisted'
  | 'shard-not-found'
  | 'no-old-image';

/**
 * Shards without a known name that a gap also covers: other children of the shard's parent, shards between it and its
 * nearest known ancestor, or every shard of the stream.
 */
export type GapScope = 'siblings' | 'ancestors' | 'stream';

/** A stretch of time from which records may be missing in the archive. */
export interface Gap {
  readonly stream: string;
  /** `*` when no shard of the stream is known by name (scope `stream`). */
  readonly ShardId: string;
  /** Absent in journals of older versions; newer versions may know more causes. */
  readonly cause?: GapCause | (string & {});
  readonly scope?: GapScope | (string & {});
  /** ISO 8601; absent: since the stream began. */
  readonly from?: string;
  readonly to: string;
  /** The cause in words, for people. */
  readonly reason: string;
  /** Cause `no-old-image`: how many deletions of a page; absent in older journals: one. */
  readonly records?: number;
  readonly at: string;
}

/** All shards of the stream except `behind` were caught up at `at` (written now and then instead of a line a shard). */
export interface Heartbeat {
  readonly stream: string;
  readonly at: string;
  readonly behind: readonly string[];
  /** GetRecords calls since the last heartbeat. */
  readonly getRecordsCalls: number;
  /** Shards that ended so long ago that nothing depends on them any more: their checkpoints are forgotten. */
  readonly dropped?: readonly string[];
  /** As in a checkpoint. */
  readonly awsTime?: true;
}

export type JournalLine =
  | ({ readonly type: 'item' } & ItemEntry)
  | ({ readonly type: 'checkpoint' } & Checkpoint)
  | ({ readonly type: 'gap' } & Gap)
  | ({ readonly type: 'heartbeat' } & Heartbeat);

/** A line as it was read back from the journal, or what is wrong with it. */
export type JournalRecord =
  | { readonly file: string; readonly number: number; readonly line: JournalLine }
  | { readonly file: string; readonly number: number; readonly problem: string };

/** What the journal's lines add up to. */
export interface JournalState {
  /** By stream ARN, then ShardId. A checkpoint is never changed in place. */
  readonly checkpoints: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;
  /** By stream ARN: how many ended shards heartbeats have dropped from `checkpoints`. */
  readonly droppedShards: ReadonlyMap<string, number>;
  /** Segments that are not closed yet: file → committed length. */
  readonly openSegments: ReadonlyMap<string, number>;
  readonly items: number;
  readonly bytes: number;
  /** The latest gaps; those of a shard for deletions without OldImage are one. The journal has a line for each. */
  readonly gaps: readonly Gap[];
  /** Gap lines in all. */
  readonly gapCount: number;
  readonly getRecordsCalls: number;
  /** ISO 8601 time of the first and of the last closing line. */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

export interface Journal {
  readonly state: JournalState;
  /**
   * Appends one commit: item lines (possibly none), closed by its last line, which is not an item. Resolves when it is
   * durable. Commits of one moment share a write and an fsync; they become durable in the order of the calls.
   */
  commit(lines: readonly JournalLine[]): Promise<void>;
  /**
   * Remembers a checkpoint that archives nothing. It is written with the next commit, or within a second; a later
   * commit or note of the same shard replaces it. Losing it repeats reading, never skips.
   */
  note(checkpoint: Checkpoint): void;
  /** Writes what is noted, the snapshot, and closes. */
  close(): Promise<void>;
}

/** What a running watch writes into its lock at each renewal, so that `status` can tell how it stands. */
export interface LockProgress {
  /** `behind` is a part of `open`. */
  readonly shards?: { readonly open: number; readonly behind: number; readonly ended: number };
  /** Read, archived, and GetRecords calls made by this process so far. */
  readonly records?: number;
  readonly archived?: number;
  readonly getRecordsCalls?: number;
  /** ISO 8601: everything that any shard received before this moment has been read. Absent before the first page. */
  readonly readUpTo?: string;
  /** ISO 8601: since when every call has failed. Absent while the endpoint answers. */
  readonly unreachableSince?: string;
  /** Milliseconds that this process has been running. */
  readonly runningMs?: number;
  /** The calls cost money, and go on at this pace: not with `once`, nor at an endpoint on this machine. */
  readonly isPriced?: true;
}

// ---------------------------------------------------------------------------------------------- the machine

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment in the past. Never set, never goes back: for measuring how long something took. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time by which DynamoDB decides what a stream still keeps. Whatever decides about loss uses it. */
export interface AwsTime {
  /**
   * Epoch milliseconds, up to two seconds behind, as the answers of AWS tell it; by the machine's own clock while none has
   * told it.
   */
  now(): number;
  /** Whether an answer has told it. */
  readonly isKnown: boolean;
  /** The last answer told another time, as after a sleep of this machine, and no second one has confirmed it yet. */
  readonly isDoubtful: boolean;
}

/** A number in [0, 1), as Math.random. */
export type Random = () => number;

/**
 * What one log line says to a program: `event` names what happened and keeps its name when the sentence is reworded; the
 * other members have AWS's names where AWS has one. Above debug none of them holds an item's content or key.
 */
export interface LogFacts {
  /** Lower case with a dot, as `stream.gone`; docs/log-events.md has a row for each. */
  readonly event: `${Lowercase<string>}.${Lowercase<string>}`;
  readonly [member: string]: unknown;
}

/** pino's shape: the facts first, then the sentence for people. */
export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/**
 * The operations on the file system that durability depends on. Throws TtlArchiveError DISK that names the path (never
 * a raw Node error); a missing file is not an error where `undefined` says so. Files are 0600, folders 0700. Only regular
 * files are read and written: a link, a named pipe or a device in the place of one is an error at once.
 */
export interface Disk {
  /** Creates the folder and its parents. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a folder (sorted), with a folder's name ending in `/`; undefined when there is no such folder. */
  list(path: string): Promise<string[] | undefined>;
  /** The whole file; undefined when missing. Throws, without reading it, when it has more than `limit` bytes. */
  read(path: string, limit: number): Promise<Buffer | undefined>;
  /** Up to `length` bytes from `position`; fewer at the end of the file. Throws when the file is missing. */
  readAt(path: string, position: number, length: number): Promise<Buffer>;
  /** The file's size in bytes; undefined when missing. Throws when it is no file. */
  size(path: string): Promise<number | undefined>;
  /** Writes a whole file, fsynced, under `temporary`, then renames it to `path`. The folder is not synced. */
  replace(path: string, temporary: string, content: Uint8Array | string): Promise<void>;
  /** Creates a file that must not exist yet, with this content, and keeps it open; undefined when it exists. */
  createExclusive(path: string, content: string): Promise<OwnFile | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a link instead of what it leads to; false when there is none. */
  remove(path: string): Promise<boolean>;
  /** Makes created, renamed and removed names in this folder durable. */
  syncDirectory(path: string): Promise<void>;
  /** Opens a file for appending, creating it when missing. */
  openAppend(path: string): Promise<AppendFile>;
}

/** A file that this process has created and holds open: it writes to this very file, whatever the path names by now. */
export interface OwnFile {
  /** Writes over the content in place, durably. The new content must not be shorter than the old one. */
  overwrite(content: string): Promise<void>;
  /** True while the path still names this file. */
  isCurrent(): Promise<boolean>;
  close(): Promise<void>;
}

export interface AppendFile {
  /** Current length in bytes. */
  readonly length: number;
  /** True while the path still names this file and nobody else has changed its length. */
  isUntouched(): Promise<boolean>;
  append(content: Uint8Array | string): Promise<void>;
  /** Makes all appended bytes durable. */
  sync(): Promise<void>;
  /** Cuts the file to `length`, durably. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** How to reach DynamoDB: as the user gave it; what is absent comes from the SDK's own chain. */
export interface Connection {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
}
