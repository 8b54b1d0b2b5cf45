import type { WireValue } from '../ports/index.js';

/** What the TTL attribute of an item means to TTL. */
export type TtlKind = 'future' | 'due' | 'too-old' | 'milliseconds' | 'string' | 'date' | 'type' | 'missing';

/**
 * TTL leaves items alone that expired longer ago (DynamoDB Developer Guide, "Using time to live"). It does not say how
 * long a year is: an item within a day of the limit may be judged wrongly.
 */
const FIVE_YEARS = 5 * 365.25 * 86_400;

/** Seconds: the year 5138. The same number of milliseconds is in 1973. */
const MAX_SECONDS = 1e11;

/** A longer text is no date. */
const MAX_DATE_LENGTH = 64;

/** What this value of the TTL attribute means; `now` in epoch seconds. */
export function ttlKind(value: WireValue | undefined, now: number): TtlKind {
  if (value === undefined) return 'missing';
  const { N: number, S: text } = value;
  if (typeof text === 'string') return textKind(text);
  const seconds = typeof number === 'string' ? Number(number) : Number.NaN;
  if (Number.isNaN(seconds)) return 'type';
  if (seconds >= MAX_SECONDS) return 'milliseconds';
  if (seconds > now) return 'future';
  return seconds < now - FIVE_YEARS ? 'too-old' : 'due';
}

function textKind(text: string): 'string' | 'date' | 'type' {
  if (text.length > MAX_DATE_LENGTH) return 'type';
  if (/^\s*-?\d+(?:\.\d+)?\s*$/.test(text)) return 'string';
  // Date.parse also takes texts without a year.
  return /\d{4}/.test(text) && !Number.isNaN(Date.parse(text)) ? 'date' : 'type';
}
