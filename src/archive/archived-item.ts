import { TtlArchiveError } from '../errors.js';
import { rememberLast } from '../lib/remember-last.js';
import type { ArchivedItem, ChangeRecord, Format, ItemFacts, Provenance } from '../ports/index.js';
import { encodePlain } from './encode-plain.js';
import { encodeWire } from './encode-wire.js';
import { fileNameOf, sortedKeys } from './file-name.js';
import { ttlOf } from './ttl-value.js';

export interface ArchivedItemInput {
  readonly ShardId: string;
  readonly provenance: Provenance;
  readonly format: Format;
  /** The table's TTL attribute, when it has one. */
  readonly ttlAttribute?: string | undefined;
}

/** The last second of the year 9999: later years have more than four digits. */
const LATEST_SECOND = 253_402_300_799;

/**
 * What the archive keeps of a deletion. Depends on the record and the settings only, so archiving it again gives the same.
 *
 * @throws TtlArchiveError VALIDATION when the format cannot express the item, INTERNAL when the record has no OldImage
 * (`classify` finds such a record).
 */
export function toArchivedItem(record: ChangeRecord, input: ArchivedItemInput): ArchivedItem {
  return new EncodedItem(toItemFacts(record, input), encode(record, input.format));
}

/** A class, so that the name costs nothing: segments do not need it. It does not keep the record in memory. */
class EncodedItem implements ArchivedItem {
  readonly record: ItemFacts;
  readonly body: Uint8Array;

  constructor(record: ItemFacts, body: Uint8Array) {
    this.record = record;
    this.body = body;
  }

  get fileName(): string {
    const { eventID, ttl } = this.record;
    return fileNameOf({ eventID, dynamodb: this.record }, ttl);
  }
}

/** What is known of a deletion besides its item. */
export function toItemFacts(record: ChangeRecord, input: Omit<ArchivedItemInput, 'format'>): ItemFacts {
  const { ShardId, provenance, ttlAttribute } = input;
  const { Keys, SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  const ttl = ttlOf(record, ttlAttribute);
  const facts = {
    eventID: record.eventID,
    ShardId,
    SequenceNumber,
    Keys: sortedKeys(Keys),
    deletedAt: deletionTime(ApproximateCreationDateTime),
    provenance,
  };
  return ttl === undefined ? facts : { ...facts, ttl };
}

function encode(record: ChangeRecord, format: Format): Uint8Array {
  if (format === 'item' && record.oldImageText !== undefined) return record.oldImageText.json;
  const { OldImage } = record.dynamodb;
  if (OldImage === undefined) throw new TtlArchiveError('INTERNAL', 'A record without OldImage cannot be archived.');
  const text = format === 'plain' ? encodePlain(OldImage) : encodeWire(format === 'record' ? record : OldImage);
  return Buffer.from(text);
}

/** A missing or invalid time becomes 1970: the item matters more than its date. */
function deletionTime(time: number | undefined): string {
  return isoOf(typeof time === 'number' && time >= 0 && time <= LATEST_SECOND ? time : 0);
}

// Records are in the order of their times, so most have the same time as the last one.
const isoOf = rememberLast((seconds: number) => new Date(seconds * 1000).toISOString());
