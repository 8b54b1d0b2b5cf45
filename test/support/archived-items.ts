import { toArchivedItem } from '../../src/archive/archived-item.js';
import type { ArchivedItem, Format } from '../../src/ports/index.js';
import { changeRecord, DELETED_AT } from './change-record.js';

export interface ArchivedItemsOptions {
  /** The first item's number: items of different numbers are different records. */
  readonly from?: number;
  /** Epoch seconds of the deletion; default: DELETED_AT. */
  readonly deletedAt?: number;
  readonly format?: Format;
}

/** A page of items that TTL deleted. */
export function archivedItems(count: number, options: ArchivedItemsOptions = {}): ArchivedItem[] {
  const { from = 0, deletedAt = DELETED_AT, format = 'item' } = options;
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const key = { PK: { S: `key-${number}` } };
    const record = changeRecord({
      eventID: `event-${number}`,
      dynamodb: {
        ApproximateCreationDateTime: deletedAt,
        Keys: key,
        OldImage: { ...key, text: { S: `ü-${number}\n` }, ttl: { N: String(deletedAt - 1) } },
        SequenceNumber: String(number).padStart(21, '0'),
      },
    });
    return toArchivedItem(record, { ShardId: 'shardId-1', provenance: 'ttl', format, ttlAttribute: 'ttl' });
  });
}
