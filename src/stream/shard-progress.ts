import type { ChangeRecord, Checkpoint, IteratorStart, Position, RecordsPage, Shard } from '../ports/index.js';
import { EMPTY_PAGES_AT_THE_TIP } from './pacing.js';
import { compareSequenceNumbers } from './sequence-number.js';

/**
 * Record times are rounded down to the second, on DynamoDB Local to the minute. A record that looks up to this much
 * older than a moment may have been made after it.
 */
const TIME_ROUNDING = 60_000;

/** What is known of one shard while it is read. Times are epoch milliseconds. */
export interface ShardProgress {
  readonly ShardId: string;
  readonly ParentShardId: string | undefined;
  /** `waiting` for its parent's end; `ended` once its end is checkpointed. */
  state: 'waiting' | 'reading' | 'ended';
  /** When its end was checkpointed, by AWS's time; undefined when that is in doubt. */
  endedAt: number | undefined;
  position: Position;
  /** Set when `position` is LATEST: the moment that it stands for. */
  readonly latestAt: number;
  /** Nothing is promised of what the shard received before this. */
  knownSince: number;
  /** Everything that the shard received before this has been read. */
  caughtUpAt: number | undefined;
  iterator: string | undefined;
  /** Read from the trim horizon, dropping what `position` has already passed. */
  fromHorizon: boolean;
  emptyPages: number;
  /** When the last of them were asked for, as many as make a shard count as caught up; epoch milliseconds. */
  readonly emptyAskedAt: number[];
  /** Time of the last record's creation that was delivered. */
  lastRecordAt: number | undefined;
  /** Calls that failed since the last success. */
  failures: number;
  /** Answers in a row that the shard does not exist, when that cannot be. */
  missing: number;
  /** The listing shows an end, or children. */
  closed: boolean;
  /** Asked for directly because shards name it as their parent, though no listing shows it. */
  readonly unlisted: boolean;
  /** How often an unlisted shard that exists has been looked for in the listing. */
  looks: number;
  /** Size of the last page; undefined before the first one. */
  pageBytes: number | undefined;
  /** The last page had records and is to be followed by the next at once. */
  backlog: boolean;
  /** The pages that are being written, in order; each resolves when it is durable and never rejects. */
  readonly writing: Promise<void>[];
}

/** Progress of a shard as its checkpoint left it, or of a new one, of which something is promised since `since`. */
export function startProgress(
  shard: Shard,
  known: Checkpoint | undefined,
  since: number,
  unlisted = false,
): ShardProgress {
  const position = known?.position ?? 'TRIM_HORIZON';
  const caughtUpAt = known?.caughtUpAt === undefined ? undefined : Date.parse(known.caughtUpAt);
  const at = known === undefined ? since : Date.parse(known.at);
  return {
    ShardId: shard.ShardId,
    ParentShardId: shard.ParentShardId === shard.ShardId ? undefined : shard.ParentShardId,
    state: position === 'SHARD_END' ? 'ended' : 'waiting',
    endedAt: position === 'SHARD_END' && known?.awsTime === true ? at : undefined,
    position,
    latestAt: at,
    knownSince: caughtUpAt ?? at,
    caughtUpAt,
    iterator: undefined,
    // LATEST only ever for the very first iterator: a restart would step over what came in between.
    fromHorizon: known?.position === 'LATEST',
    emptyPages: 0,
    emptyAskedAt: [],
    lastRecordAt: undefined,
    failures: 0,
    missing: 0,
    closed: isClosed(shard),
    unlisted,
    looks: 0,
    pageBytes: undefined,
    backlog: false,
    writing: [],
  };
}

/** The shard has its last SequenceNumber. A listing may show that late; the last page is what counts. */
export function isClosed(shard: Shard): boolean {
  return typeof shard.SequenceNumberRange?.EndingSequenceNumber === 'string';
}

/** Where a fresh iterator has to start: AFTER the last delivered SequenceNumber, whatever happened to the one before. */
export function iteratorStart(progress: ShardProgress): IteratorStart {
  const { position } = progress;
  if (progress.fromHorizon || position === 'TRIM_HORIZON' || position === 'SHARD_END') return 'TRIM_HORIZON';
  return position === 'LATEST' ? 'LATEST' : { after: position };
}

/** The iterator is of no use any more. A second one at LATEST would step over what came in between. */
export function loseIterator(progress: ShardProgress): void {
  progress.iterator = undefined;
  // Empty pages in a row tell something only of one way through the shard.
  progress.emptyPages = 0;
  progress.emptyAskedAt.length = 0;
  if (progress.position === 'LATEST') progress.fromHorizon = true;
}

/** Takes in one page. Gives the records that were not delivered before, in order. */
export function takePage(progress: ShardProgress, page: RecordsPage, askedAt: number): readonly ChangeRecord[] {
  const records = newRecords(progress, page.Records);
  const last = records.at(-1);
  progress.iterator = page.NextShardIterator;
  progress.pageBytes = page.bytes;
  progress.failures = 0;
  progress.missing = 0;
  if (last !== undefined) {
    progress.position = last.dynamodb.SequenceNumber;
    progress.fromHorizon = false;
  }
  const lastSent = page.Records.at(-1);
  if (lastSent === undefined) {
    progress.emptyPages++;
    // The first of the pages in a row is what counts: a record may have come, and be still to be read, since the tip
    // was reached there.
    if (progress.emptyAskedAt.push(askedAt) > EMPTY_PAGES_AT_THE_TIP) progress.emptyAskedAt.shift();
    const [tip] = progress.emptyAskedAt;
    if (isCaughtUp(progress) && tip !== undefined) progress.caughtUpAt = later(progress.caughtUpAt, tip);
  } else {
    progress.emptyPages = 0;
    progress.emptyAskedAt.length = 0;
    const created = lastSent.dynamodb.ApproximateCreationDateTime;
    if (typeof created === 'number' && created >= 0) {
      progress.lastRecordAt = created * 1000;
      progress.caughtUpAt = later(progress.caughtUpAt, Math.min(progress.lastRecordAt, askedAt));
    }
  }
  return records;
}

/** Several empty pages in a row: the shard is taken to be read up to the last call. */
export function isCaughtUp(progress: ShardProgress): boolean {
  return progress.emptyPages >= EMPTY_PAGES_AT_THE_TIP;
}

/** Everything that the shard received before this has been read, or is not promised. */
export function readUpTo({ caughtUpAt, knownSince }: ShardProgress): number {
  return caughtUpAt === undefined ? knownSince : Math.max(caughtUpAt, knownSince);
}

/** The checkpoint of what has been delivered so far. */
export function checkpointOf(progress: ShardProgress, stream: string, now: number, ended: boolean): Checkpoint {
  // Of a shard that has ended nothing is unread: what counts is from when on its children are promised.
  const caughtUpAt = ended ? readUpTo(progress) : progress.caughtUpAt;
  return {
    stream,
    ShardId: progress.ShardId,
    position: ended ? 'SHARD_END' : progress.position,
    ...(caughtUpAt !== undefined && { caughtUpAt: new Date(caughtUpAt).toISOString() }),
    at: new Date(momentOf(progress, ended, now)).toISOString(),
  };
}

/** When a checkpoint is written; of a shard that was not read yet, the moment that its position stands for. */
function momentOf({ position, latestAt, knownSince, caughtUpAt }: ShardProgress, ended: boolean, now: number): number {
  if (position === 'LATEST') return latestAt;
  return position === 'TRIM_HORIZON' && caughtUpAt === undefined && !ended ? Math.min(knownSince, now) : now;
}

function newRecords(progress: ShardProgress, records: readonly ChangeRecord[]): readonly ChangeRecord[] {
  let previous = progress.position;
  let repeated = false;
  for (const record of records) {
    if (isNew(progress, record, previous)) previous = record.dynamodb.SequenceNumber;
    else repeated = true;
  }
  if (!repeated) return records;
  previous = progress.position;
  return records.filter((record) => {
    const fresh = isNew(progress, record, previous);
    if (fresh) previous = record.dynamodb.SequenceNumber;
    return fresh;
  });
}

function isNew(progress: ShardProgress, record: ChangeRecord, position: Position): boolean {
  const { SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  if (position === 'LATEST') {
    const created = ApproximateCreationDateTime ?? Infinity;
    return !progress.fromHorizon || created * 1000 >= progress.latestAt - TIME_ROUNDING;
  }
  if (position === 'TRIM_HORIZON' || position === 'SHARD_END') return compareSequenceNumbers(SequenceNumber, '0') >= 0;
  return compareSequenceNumbers(SequenceNumber, position) > 0;
}

function later(a: number | undefined, b: number): number {
  return a === undefined || b > a ? b : a;
}
