import type { WireItem } from '../ports/index.js';
import { jsonNumber } from './number-text.js';

/**
 * The value of an item's TTL attribute in epoch seconds, as a double; `undefined` when the attribute is missing, not a
 * Number, or too large for a double. Negative and fractional values are returned unchanged.
 */
export function ttlOf(item: WireItem, attribute: string | undefined): number | undefined {
  if (attribute === undefined || !Object.hasOwn(item, attribute)) return undefined;
  const text = item[attribute]?.['N'];
  const number = typeof text === 'string' ? jsonNumber(text) : undefined;
  if (number === undefined) return undefined;
  const value = Number(number);
  return Number.isFinite(value) ? value : undefined;
}
