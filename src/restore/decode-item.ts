import { isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { WireItem } from '../ports/index.js';

/** When an item was deleted, for comparing versions. */
export interface DeletionOrder {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly SequenceNumber?: string;
}

/** True when one version is known to have been deleted before another: by time, then by SequenceNumber. */
export function isOlder(version: DeletionOrder | undefined, other: DeletionOrder | undefined): boolean {
  if (version === undefined || other === undefined) return false;
  if (version.at !== other.at) return version.at < other.at;
  if (version.SequenceNumber === undefined || other.SequenceNumber === undefined) return false;
  return BigInt(version.SequenceNumber) < BigInt(other.SequenceNumber);
}

/** An item, or why it cannot be restored. */
export type Decoded = { readonly item: WireItem; readonly deleted?: DeletionOrder } | { readonly problem: string };

const TYPES: Readonly<Record<string, (content: unknown) => boolean>> = {
  S: (content) => typeof content === 'string',
  N: (content) => typeof content === 'string',
  B: (content) => typeof content === 'string',
  BOOL: (content) => typeof content === 'boolean',
  NULL: (content) => content === true,
  SS: isTexts,
  NS: isTexts,
  BS: isTexts,
  L: (content) => Array.isArray(content) && content.every(isWireValue),
  M: isWireItem,
};

/**
 * Decodes an item in one of the forms in which files have it: DynamoDB JSON, `{"Item":{…}}`, or a whole stream record with
 * its OldImage. `keyNames` decides between them when an item has an attribute named Item.
 */
export function decodeItem(text: string, keyNames: readonly string[]): Decoded {
  const parsed = parseJson(text);
  return 'problem' in parsed ? parsed : decode(parsed.value, keyNames);
}

/** Decodes a text that may also be an event of AWS Lambda, with many records. */
export function decodeItems(text: string, keyNames: readonly string[]): Decoded[] {
  const parsed = parseJson(text);
  if ('problem' in parsed) return [parsed];
  const { value } = parsed;
  const records = isObject(value) && Array.isArray(value['Records']) ? value['Records'] : undefined;
  return records === undefined ? [decode(value, keyNames)] : records.map((record) => decode(record, keyNames));
}

function decode(parsed: unknown, keyNames: readonly string[]): Decoded {
  if (!isObject(parsed)) return { problem: 'it is not a JSON object' };
  const record = isRecord(parsed) ? parsed : undefined;
  if (record !== undefined && isChange(record)) return { problem: 'it is a stream record of an INSERT or MODIFY' };
  const readings = [wrapped(parsed), record && oldImageOf(record), parsed].filter(isWireItem);
  const item = readings.find((reading) => keyNames.every((name) => Object.hasOwn(reading, name)));
  if (item !== undefined) return record === undefined ? { item } : { item, ...deletionOf(record) };
  const [other] = readings;
  if (other !== undefined) {
    const missing = keyNames.filter((name) => !Object.hasOwn(other, name));
    return { problem: `it has no key attribute ${missing.join(' and no ')}` };
  }
  if (record !== undefined && oldImageOf(record) === undefined) return { problem: 'the stream record has no OldImage' };
  const what =
    record !== undefined ? 'the OldImage of the stream record' : isObject(parsed['Item']) ? 'its Item' : 'it';
  return { problem: `${what} is plain JSON, which has lost the types of DynamoDB, or not DynamoDB JSON at all` };
}

/** True for a stream record, whether it was stored by a Lambda function, Firehose, or this program. */
function isRecord(parsed: Record<string, unknown>): boolean {
  return (
    isObject(parsed['dynamodb']) && (typeof parsed['eventID'] === 'string' || typeof parsed['eventName'] === 'string')
  );
}

/** DynamoDB Local 3 has another eventName for TTL deletions, so only these two are rejected. */
function isChange({ eventName }: Record<string, unknown>): boolean {
  return eventName === 'INSERT' || eventName === 'MODIFY';
}

function deletionOf(record: Record<string, unknown>): { deleted?: DeletionOrder } {
  const { ApproximateCreationDateTime: time, SequenceNumber } = isObject(record['dynamodb']) ? record['dynamodb'] : {};
  if (typeof time !== 'number' || !(time >= 0)) return {};
  // Epoch seconds in a stream; milliseconds or microseconds through Kinesis.
  const at = time < 1e11 ? time * 1000 : time < 1e14 ? time : time / 1000;
  return {
    deleted: { at, ...(typeof SequenceNumber === 'string' && /^\d{1,40}$/.test(SequenceNumber) && { SequenceNumber }) },
  };
}

/** True for an item in DynamoDB JSON: every attribute has a type. */
function isWireItem(value: unknown): value is WireItem {
  return isObject(value) && Object.values(value).every(isWireValue);
}

function isWireValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return false;
  const [type, content] = entry;
  return Object.hasOwn(TYPES, type) && TYPES[type]?.(content) === true;
}

/** The content of `{"Item":{…}}`; lines of a restore's list of failures also have a reason and a file. */
function wrapped(parsed: Record<string, unknown>): unknown {
  return Object.keys(parsed).every((name) => name === 'Item' || name === 'reason' || name === 'file')
    ? parsed['Item']
    : undefined;
}

function oldImageOf(parsed: Record<string, unknown>): unknown {
  const change = parsed['dynamodb'];
  return isObject(change) ? change['OldImage'] : undefined;
}

function isTexts(content: unknown): boolean {
  return Array.isArray(content) && content.every((element) => typeof element === 'string');
}
