import type { ChangeRecord, Position, RecordsPage } from '../ports/index.js';
import { EMPTY_PAGES_WHEN_CAUGHT_UP } from './pacing.js';
import { compareSequenceNumbers } from './sequence-number.js';
import type { ShardState } from './shard-state.js';

/**
 * Record times are rounded down to the second, on DynamoDB Local to the minute. A record that looks up to this much
 * older than a moment may have been made after it.
 */
const TIME_ROUNDING = 60_000;

/**
 * The records of a page that were not read before, in order, and what the page changes of the shard's state.
 *
 * @param askedAt Epoch milliseconds by AWS's clock: when the page was requested.
 * @throws TtlArchiveError BAD_RESPONSE when a SequenceNumber is not a decimal number.
 */
export function takePage(
  shard: ShardState,
  page: RecordsPage,
  askedAt: number,
): { readonly records: readonly ChangeRecord[]; readonly changes: Partial<ShardState> } {
  const records = newRecords(shard, page.Records);
  const last = records.at(-1);
  const sent = page.Records.at(-1);
  return {
    records,
    changes: {
      iterator: page.NextShardIterator,
      pageBytes: page.bytes,
      ...(sent !== undefined && { recordBytes: page.bytes / page.Records.length }),
      failures: 0,
      notFoundAnswers: 0,
      ...(last !== undefined && { position: last.dynamodb.SequenceNumber, fromHorizon: false }),
      ...(sent === undefined ? afterEmptyPage(shard, askedAt) : afterRecord(shard, sent, askedAt)),
    },
  };
}

function afterEmptyPage(shard: ShardState, askedAt: number): Partial<ShardState> {
  const emptyPages = shard.emptyPages + 1;
  const emptyAskedAt = [...shard.emptyAskedAt, askedAt].slice(-EMPTY_PAGES_WHEN_CAUGHT_UP);
  // The first of the pages in a row counts: a record may have come since, and still be unread.
  const [first] = emptyAskedAt;
  const caughtUp = emptyPages >= EMPTY_PAGES_WHEN_CAUGHT_UP && first !== undefined;
  return { emptyPages, emptyAskedAt, ...(caughtUp && { caughtUpAt: Math.max(shard.caughtUpAt ?? first, first) }) };
}

function afterRecord(shard: ShardState, record: ChangeRecord, askedAt: number): Partial<ShardState> {
  const created = record.dynamodb.ApproximateCreationDateTime;
  const none = { emptyPages: 0, emptyAskedAt: [] };
  if (typeof created !== 'number' || created < 0) return none;
  const lastRecordAt = created * 1000;
  const readUpTo = Math.min(lastRecordAt, askedAt);
  return { ...none, lastRecordAt, caughtUpAt: Math.max(shard.caughtUpAt ?? readUpTo, readUpTo) };
}

function newRecords(shard: ShardState, records: readonly ChangeRecord[]): readonly ChangeRecord[] {
  let { position } = shard;
  const isNew = records.map((record) => {
    const fresh = isAfter(shard, record, position);
    if (fresh) position = record.dynamodb.SequenceNumber;
    return fresh;
  });
  return isNew.includes(false) ? records.filter((_, index) => isNew[index]) : records;
}

function isAfter({ fromHorizon, latestAt }: ShardState, record: ChangeRecord, position: Position): boolean {
  const { SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  if (position === 'LATEST') {
    const created = ApproximateCreationDateTime ?? Infinity;
    return !fromHorizon || created * 1000 >= latestAt - TIME_ROUNDING;
  }
  if (position === 'TRIM_HORIZON' || position === 'SHARD_END') return compareSequenceNumbers(SequenceNumber, '0') >= 0;
  return compareSequenceNumbers(SequenceNumber, position) > 0;
}
