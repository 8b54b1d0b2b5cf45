import { TtlArchiveError } from '../errors.js';
import { isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { WireItem, WireValue } from '../ports/index.js';

/** The meaning of `--key`: a key matches when it has all attributes of one of these. */
export type KeyQuery = readonly WireItem[];

const NUMBER = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A DynamoDB number as plain digits without superfluous zeros, so that equal numbers have equal text; undefined when the
 * text is not a number. DynamoDB normalises keys itself; a user's input is not normalised.
 */
export function canonicalNumber(text: string): string | undefined {
  const match = NUMBER.exec(text.trim().replace(/^\+/, ''));
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  const left = padded.slice(0, at).replace(/^0+/, '') || '0';
  const right = padded.slice(at).replace(/0+$/, '');
  const result = right === '' ? left : `${left}.${right}`;
  return result === '0' ? '0' : sign + result;
}

/** A key as text, the same for equal keys: attribute names sorted, numbers by value. */
export function keyText(key: WireItem): string {
  return JSON.stringify(
    Object.keys(key)
      .toSorted()
      .map((name) => [name, valueText(key[name])]),
  );
}

/** The key of an item; undefined when the item lacks a key attribute. */
export function keyOf(item: WireItem, names: readonly string[]): WireItem | undefined {
  if (!names.every((name) => Object.hasOwn(item, name))) return undefined;
  return Object.fromEntries(names.map((name) => [name, item[name] ?? {}]));
}

/** True when a key matches the query, which may leave out the sort key. */
export function matchesKey(query: KeyQuery, key: WireItem): boolean {
  return query.some((wanted) =>
    Object.entries(wanted).every(
      ([name, value]) => Object.hasOwn(key, name) && valueText(key[name]) === valueText(value),
    ),
  );
}

/**
 * Parses a key from the command line: DynamoDB JSON (`{"PK":{"S":"x"}}`), or the bare value when the table has one key
 * attribute. The type of a bare value is not known, so it matches a string, a number and a binary. Throws USAGE.
 */
export function parseKey(text: string, names: readonly string[]): KeyQuery {
  if (text.trimStart().startsWith('{')) return [parseKeyJson(text)];
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new TtlArchiveError('USAGE', `A bare key value does not say which of ${names.join(' and ')} it is.`, {
      remedy: `Give the key as DynamoDB JSON: --key '${exampleKey(names)}'.`,
    });
  }
  const number = canonicalNumber(text);
  return [
    { [name]: { S: text } },
    ...(number === undefined ? [] : [{ [name]: { N: number } }]),
    ...(/^[A-Za-z0-9+/]+={0,2}$/.test(text) ? [{ [name]: { B: text } }] : []),
  ];
}

/**
 * Texts, one of which is contained byte for byte in every journal line whose key matches, if the table sent its number
 * keys in the canonical form (DynamoDB does).
 */
export function keyNeedles(query: KeyQuery): string[] {
  return query.map((key) => {
    const texts = Object.entries(key).map(([name, value]) => `${JSON.stringify(name)}:${valueText(value)}`);
    // The longest is the rarest.
    return texts.reduce((longest, next) => (next.length > longest.length ? next : longest));
  });
}

/** Texts, one of which is contained in every line whose key matches the query's numbers, whatever their spelling. */
export function numberNeedles(query: KeyQuery): string[] {
  return query.flatMap((key) => {
    const name = Object.keys(key).find((attribute) => Object.hasOwn(key[attribute] ?? {}, 'N'));
    return name === undefined ? [] : [`${JSON.stringify(name)}:{"N":`];
  });
}

function valueText(value: WireValue | undefined): string {
  const number = value?.['N'];
  if (typeof number !== 'string') return JSON.stringify(value);
  return JSON.stringify({ N: canonicalNumber(number) ?? number });
}

function parseKeyJson(text: string): WireItem {
  const parsed = parseJson(text);
  if ('value' in parsed && isKey(parsed.value)) return parsed.value;
  const message =
    'value' in parsed
      ? 'The key is not DynamoDB JSON: each attribute needs {"S":…}, {"N":…} or {"B":…}.'
      : 'The key begins like DynamoDB JSON and is not valid JSON.';
  throw new TtlArchiveError('USAGE', message, { remedy: `Write it like this: --key '${exampleKey(['PK'])}'.` });
}

function isKey(value: unknown): value is WireItem {
  const values = isObject(value) ? Object.values(value) : [];
  return values.length > 0 && values.every(isKeyValue);
}

function isKeyValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [[type, content] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0 || typeof content !== 'string') return false;
  return type === 'N' ? canonicalNumber(content) !== undefined : type === 'S' || type === 'B';
}

function exampleKey(names: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, { S: 'value' }])));
}
