import { hash } from 'node:crypto';
import type { ChangeRecord, ItemFacts, WireItem } from '../ports/index.js';

const SLUG_LENGTH = 60;
/** DynamoDB's have at most 40 digits. */
const SEQUENCE_NUMBER_LENGTH = 40;
/** 64 bits: it only distinguishes records with the same ttl, key slug and SequenceNumber. */
const HASH_LENGTH = 16;
/** 2286-11-20: up to ten digits, names sort by time. */
const MAX_TTL = 9_999_999_999;

/** The parts of a record that its file name depends on. */
interface NamedRecord {
  readonly eventID: string;
  readonly dynamodb: Pick<ChangeRecord['dynamodb'], 'Keys' | 'SequenceNumber'>;
}

/**
 * The name of the file that holds a record's item: `<ttl>-<key slug>-<SequenceNumber>-<hash>.json`.
 *
 * Sorts by expiry; lowercase, of `[a-z0-9._-]`, at most 137 bytes. The same record always has the same name, and no two
 * records share one, even when a re-created DynamoDB Local table restarts its sequence numbers (its eventIDs are random).
 * The ttl in front makes device names of Windows such as `con` harmless.
 */
export function fileNameOf(
  { eventID, dynamodb: { Keys, SequenceNumber } }: NamedRecord,
  ttl: number | undefined,
): string {
  const slug = keySlug(Keys);
  return `${ttlPrefix(ttl)}-${slug}-${safeSequenceNumber(SequenceNumber)}-${recordHash({ eventID, SequenceNumber, Keys })}.json`;
}

/** The SequenceNumber, made safe for a file name. */
export function safeSequenceNumber(SequenceNumber: string): string {
  return (
    SequenceNumber.toLowerCase()
      .replace(/[^a-z0-9]+/g, '')
      .slice(0, SEQUENCE_NUMBER_LENGTH) || '0'
  );
}

/** Unique for each record; in lowercase hex. */
export function recordHash({
  eventID,
  SequenceNumber,
  Keys,
}: Pick<ItemFacts, 'eventID' | 'SequenceNumber' | 'Keys'>): string {
  const identity = JSON.stringify([eventID, SequenceNumber, sortedKeys(Keys)]);
  return hash('sha256', identity, 'hex').slice(0, HASH_LENGTH);
}

/** The key with its attribute names sorted, so that its JSON text is the same for the same key. */
export function sortedKeys(Keys: WireItem): WireItem {
  const names = Object.keys(Keys);
  if (names.length < 2) return Keys;
  return Object.fromEntries(names.toSorted().map((name) => [name, Keys[name] ?? {}]));
}

function ttlPrefix(ttl: number | undefined): string {
  if (ttl === undefined) return 'no-ttl';
  return String(Math.floor(Math.min(Math.max(ttl, 0), MAX_TTL))).padStart(10, '0');
}

/** A readable form of the key; not unique. */
function keySlug(Keys: WireItem): string {
  const values = Object.keys(Keys)
    .toSorted()
    .flatMap((name) => Object.values(Keys[name] ?? {}))
    .map((value) => (typeof value === 'string' ? value.slice(0, SLUG_LENGTH) : ''));
  const slug = values
    .join('.')
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '_')
    .replace(/\.{2,}/g, '.')
    .slice(0, SLUG_LENGTH);
  return slug === '' ? 'key' : slug;
}
