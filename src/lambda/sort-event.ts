import { toArchivedItem } from '../archive/archived-item.js';
import { classify, type DeletionRule } from '../archive/deletion.js';
import { TtlArchiveError } from '../errors.js';
import { isObject } from '../lib/json-checks.js';
import type { ArchivedItem } from '../ports/index.js';
import { changeRecordOf, sequenceNumberOf } from './event-record.js';

/** A record that cannot be archived, and never will be: Lambda has to set it aside. */
export interface PoisonRecord {
  /** Undefined when the record does not even have that. */
  readonly SequenceNumber: string | undefined;
  readonly reason: string;
}

export interface SortedEvent {
  readonly items: readonly ArchivedItem[];
  /** Records that are not deletions to be archived. */
  readonly ignored: number;
  /** The first record that cannot be archived: what stands behind it in the event is in none of the other members. */
  readonly poison?: PoisonRecord;
}

/** The items to archive of an event's records, up to the first that cannot be archived. */
export function sortEvent(records: readonly unknown[], rule: DeletionRule): SortedEvent {
  const items: ArchivedItem[] = [];
  let ignored = 0;
  for (const sent of records) {
    const item = itemOf(sent, rule);
    if (item === undefined) ignored++;
    else if ('reason' in item) return { items, ignored, poison: item };
    else items.push(item);
  }
  return { items, ignored };
}

/** What becomes of one record; undefined: it does not belong into the archive. */
export function itemOf(sent: unknown, rule: DeletionRule): ArchivedItem | PoisonRecord | undefined {
  const poison = (reason: string): PoisonRecord => ({ SequenceNumber: sequenceNumberOf(sent), reason });
  // Whatever else is wrong with it, it is no deletion.
  if (isObject(sent) && (sent['eventName'] === 'INSERT' || sent['eventName'] === 'MODIFY')) return undefined;
  const record = changeRecordOf(sent);
  if (record === undefined) return poison('it is not a record of DynamoDB Streams');
  const verdict = classify(record, rule);
  if (verdict.kind === 'ignore') return undefined;
  if (verdict.kind === 'no-old-image') return poison('it is a deletion without its OldImage');
  const { provenance } = verdict;
  try {
    return toArchivedItem(record, { ShardId: '', provenance, format: 'item', ttlAttribute: rule.ttlAttribute });
  } catch (error) {
    if (error instanceof TtlArchiveError) return poison(error.message);
    throw error;
  }
}
