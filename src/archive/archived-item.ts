import { TtlArchiveError } from '../errors.js';
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
  const facts = toItemFacts(record, input);
  return {
    record: facts,
    // A getter, because segments do not need it and it costs a hash. It must not keep the whole record in memory.
    get fileName() {
      return fileNameOf({ eventID: facts.eventID, dynamodb: facts }, facts.ttl);
    },
    body: encode(record, input.format),
  };
}

/** What is known of a deletion besides its item. */
export function toItemFacts(record: ChangeRecord, input: Omit<ArchivedItemInput, 'format'>): ItemFacts {
  const { ShardId, provenance, ttlAttribute } = input;
  const { Keys, SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  const ttl = ttlOf(record, ttlAttribute);
  return {
    eventID: record.eventID,
    ShardId,
    SequenceNumber,
    Keys: sortedKeys(Keys),
    deletedAt: deletionTime(ApproximateCreationDateTime),
    provenance,
    ...(ttl === undefined ? {} : { ttl }),
  };
}

function encode(record: ChangeRecord, format: Format): Uint8Array {
  if (format === 'item' && record.oldImageText !== undefined) return record.oldImageText.json;
  const { OldImage } = record.dynamodb;
  if (OldImage === undefined) throw new TtlArchiveError('INTERNAL', 'A record without OldImage cannot be archived.');
  const text = format === 'plain' ? encodePlain(OldImage) : encodeWire(format === 'record' ? record : OldImage);
  return Buffer.from(text);
}

/** Records are in the order of their times, so most have the same time as the last one. */
let lastTime = { seconds: 0, text: new Date(0).toISOString() };

/** A missing or invalid time becomes 1970: the item matters more than its date. */
function deletionTime(time: number | undefined): string {
  const seconds = typeof time === 'number' && time >= 0 && time <= LATEST_SECOND ? time : 0;
  if (seconds !== lastTime.seconds) lastTime = { seconds, text: new Date(seconds * 1000).toISOString() };
  return lastTime.text;
}
