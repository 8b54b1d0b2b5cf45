import { isObject } from '../lib/json-checks.js';
import type { WireItem } from '../ports/index.js';
import { encodeError } from './encode-error.js';
import { jsonNumber } from './number-text.js';

/** DynamoDB allows 32 levels; this limit keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 500;

/**
 * Format `plain`: ordinary JSON. Numbers keep all their digits, sets become arrays, binary stays base64 text. Builds the
 * text directly: an object in between would lose digits, and names such as `__proto__`.
 *
 * @throws TtlArchiveError VALIDATION for a value that is not one of DynamoDB's types.
 */
export function encodePlain(item: WireItem): string {
  return encodeMap(item, 0);
}

function encodeMap(map: unknown, depth: number): string {
  if (!isObject(map)) throw malformed();
  return `{${Object.keys(map)
    .map((name) => `${JSON.stringify(name)}:${encodeValue(map[name], depth)}`)
    .join(',')}}`;
}

function encodeValue(value: unknown, depth: number): string {
  if (!isObject(value) || depth > MAX_DEPTH) throw malformed();
  const types = Object.keys(value);
  const [type] = types;
  if (type === undefined || types.length > 1) throw malformed();
  const content = value[type];
  switch (type) {
    case 'S':
    case 'B':
      return encodeText(content);
    case 'N':
      return encodeNumber(content);
    case 'BOOL':
      if (typeof content !== 'boolean') throw malformed();
      return String(content);
    case 'NULL':
      return 'null';
    case 'M':
      return encodeMap(content, depth + 1);
    case 'L':
      return encodeList(content, (element) => encodeValue(element, depth + 1));
    case 'SS':
    case 'BS':
      return encodeList(content, encodeText);
    case 'NS':
      return encodeList(content, encodeNumber);
    default:
      throw malformed();
  }
}

function encodeList(list: unknown, encode: (element: unknown) => string): string {
  if (!Array.isArray(list)) throw malformed();
  return `[${list.map((element) => encode(element)).join(',')}]`;
}

function encodeText(text: unknown): string {
  if (typeof text !== 'string') throw malformed();
  return JSON.stringify(text);
}

function encodeNumber(text: unknown): string {
  const number = typeof text === 'string' ? jsonNumber(text) : undefined;
  if (number === undefined) throw malformed();
  return number;
}

function malformed(): Error {
  return encodeError(
    'it holds a value that format plain cannot express',
    'Use --format item, which keeps every value as it was sent.',
  );
}
