import type { ItemJournalLine, SegmentLength } from './item-store.js';

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
  /** ISO 8601: when this was written. LATEST: the moment that it stands for. Not read yet: since when it is promised. */
  readonly at: string;
  /** The times are AWS's, not those of a machine whose clock may have been wrong. Absent in older journals. */
  readonly awsTime?: true;
  readonly segments?: readonly SegmentLength[];
  readonly uploaded?: readonly UploadedSegment[];
  /** With `uploaded`: every segment whose item lines all come before this place is uploaded. */
  readonly uploadedUpTo?: JournalPlace;
  readonly pruned?: Pruned;
  /** The files of everything that was pruned so far are removed. */
  readonly prunedRemoved?: true;
}

/**
 * The items before this line that were deleted before a time do not belong to the archive any more. Of segments, those
 * whose hour is over at that time.
 */
export interface Pruned {
  /** ISO 8601. */
  readonly before: string;
  /** Items that this line prunes, without those of earlier ones, and their bytes. */
  readonly items: number;
  readonly bytes: number;
}

/** A closed segment that is in S3 with its manifest. */
export interface UploadedSegment {
  /** The segment's path in this archive. */
  readonly file: string;
  /** The archive in S3, `s3://bucket/prefix`, and the key of the data object in it. */
  readonly to: string;
  readonly key: string;
  /** Bytes of the segment. */
  readonly size: number;
}

/** A place in the journal: the end of a closing line. */
export interface JournalPlace {
  /** Name of the journal's file. */
  readonly file: string;
  readonly offset: number;
}

/** What a journal holds about segments, and about pruned items, beside the pages. */
export interface StorageFacts {
  /** Segments that were closed. */
  readonly segments?: readonly SegmentLength[];
  readonly uploaded?: readonly UploadedSegment[];
  readonly uploadedUpTo?: JournalPlace;
  readonly pruned?: Pruned;
  readonly prunedRemoved?: true;
}

/**
 * Why records may be missing:
 * - `position-trimmed`: the checkpoint was older than the trim horizon;
 * - `started-late`: reading began at the trim horizon, too late for what came before it;
 * - `shard-gone`, `stream-gone`: the shard, or the stream, disappeared before it was read to its end;
 * - `children-unlisted`: a shard ended, and none of its children is listed any more;
 * - `shard-not-found`: the stream lists the shard but says that it does not exist;
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

/** All shards of the stream except `behind` were caught up at `at`: one line, instead of one for each shard. */
export interface Heartbeat {
  readonly stream: string;
  readonly at: string;
  readonly behind: readonly string[];
  /** GetRecords calls since the last heartbeat. */
  readonly getRecordsCalls: number;
  /** Dropped shards: they ended so long ago that their checkpoints are not needed any more. */
  readonly dropped?: readonly string[];
  /** As in a checkpoint. */
  readonly awsTime?: true;
}

export type JournalLine =
  | ItemJournalLine
  | ({ readonly type: 'checkpoint' } & Checkpoint)
  | ({ readonly type: 'gap' } & Gap)
  | ({ readonly type: 'heartbeat' } & Heartbeat);

/** A line of the journal as it was read, or what is wrong with it. */
export type JournalRecord =
  | { readonly file: string; readonly number: number; readonly line: JournalLine }
  | { readonly file: string; readonly number: number; readonly problem: string };

/** What the journal's lines add up to. */
export interface JournalState {
  /** By stream ARN, then ShardId. A checkpoint object is never changed. */
  readonly checkpoints: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;
  /** By stream ARN: how many ended shards heartbeats have dropped from `checkpoints`. */
  readonly droppedShards: ReadonlyMap<string, number>;
  /** Segments that are not closed yet: file → committed length. */
  readonly openSegments: ReadonlyMap<string, number>;
  /** Item lines, also of items that were pruned. */
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
  /** Absent: no segment was uploaded. */
  readonly uploads?: Uploads;
  /** All that was pruned, and the latest `before`. Absent: nothing was. */
  readonly pruned?: Pruned;
}

/** The segments that were uploaded to S3. */
export interface Uploads {
  readonly segments: number;
  /** Of these segments. */
  readonly bytes: number;
  /** `uploadedUpTo` of the last line that has it. */
  readonly upTo?: JournalPlace;
}

export interface Journal {
  readonly state: JournalState;
  /** Where the durable lines end; undefined: there are none. */
  readonly end: JournalPlace | undefined;
  /**
   * Appends one commit: item lines (possibly none), closed by its last line, which is not an item. Resolves when it is
   * durable. Commits of one moment share a write and an fsync; they become durable in the order of the calls.
   */
  commit(lines: readonly JournalLine[]): Promise<void>;
  /**
   * Writes a checkpoint that archives nothing with the next commit, or within a second; a later checkpoint of the same
   * shard replaces it. When it is lost, records are read again, and none is skipped.
   */
  checkpointLazily(checkpoint: Checkpoint): void;
  /** Appends facts about what is stored, with a copy of a checkpoint, which changes nothing. Resolves when they are durable. */
  commitFacts(facts: StorageFacts): Promise<void>;
  /** Writes the lazy checkpoints and the snapshot, and closes. */
  close(): Promise<void>;
}
