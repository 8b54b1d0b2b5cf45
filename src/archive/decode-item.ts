import { parseJson } from '../lib/parse-json.js';
import type { WireItem } from '../ports.js';

/** An item as it was found in a file, or why it cannot be restored. */
export type Decoded = { readonly item: WireItem } | { readonly problem: string };

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
 * Reads an item in one of the shapes in which it may lie in a file: DynamoDB JSON itself, a line `{"Item":{…}}`, or a
 * whole stream record with its OldImage. `keyNames` decides between readings when an item's own attribute is called Item.
 */
export function decodeItem(text: string, keyNames: readonly string[]): Decoded {
  const parsed = parseJson(text);
  return 'problem' in parsed ? parsed : decode(parsed.value, keyNames);
}

function decode(parsed: unknown, keyNames: readonly string[]): Decoded {
  if (!isObject(parsed)) return { problem: 'it is not a JSON object' };
  const readings = [wrapped(parsed), recorded(parsed), parsed].filter(isWireItem);
  const item = readings.find((reading) => keyNames.every((name) => Object.hasOwn(reading, name)));
  if (item !== undefined) return { item };
  const [other] = readings;
  if (other !== undefined) {
    const missing = keyNames.filter((name) => !Object.hasOwn(other, name));
    return { problem: `it has no key attribute ${missing.join(' and no ')}` };
  }
  const image = oldImageOf(parsed);
  if (typeof parsed['eventID'] === 'string' && image === undefined) return { problem: 'the record has no OldImage' };
  return { problem: 'it is not DynamoDB JSON (format "plain" has lost the types)' };
}

/** True for an item in DynamoDB JSON: every attribute names its type. */
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

/** `{"Item":{…}}`; a line of a restore's own list of failures has a reason beside it. */
function wrapped(parsed: Record<string, unknown>): unknown {
  return Object.keys(parsed).every((name) => name === 'Item' || name === 'reason' || name === 'file')
    ? parsed['Item']
    : undefined;
}

function recorded(parsed: Record<string, unknown>): unknown {
  return typeof parsed['eventID'] === 'string' ? oldImageOf(parsed) : undefined;
}

function oldImageOf(parsed: Record<string, unknown>): unknown {
  const change = parsed['dynamodb'];
  return isObject(change) ? change['OldImage'] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(content: unknown): boolean {
  return Array.isArray(content) && content.every((element) => typeof element === 'string');
}
