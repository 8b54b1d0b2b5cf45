import type { ChangeRecord } from '../ports/index.js';
import { jsonNumber } from './number-text.js';

/**
 * The value of the TTL attribute of a record's OldImage in epoch seconds, as a double; `undefined` when the attribute is
 * missing, not a Number, or too large for a double. Negative and fractional values are returned unchanged.
 */
export function ttlOf(record: ChangeRecord, attribute: string | undefined): number | undefined {
  const text = attribute === undefined ? undefined : numberOf(record, attribute);
  const number = typeof text === 'string' ? jsonNumber(text) : undefined;
  if (number === undefined) return undefined;
  const value = Number(number);
  return Number.isFinite(value) ? value : undefined;
}

function numberOf({ oldImageText, dynamodb }: ChangeRecord, attribute: string): unknown {
  if (oldImageText !== undefined) return oldImageText.numberOf(attribute);
  const { OldImage = {} } = dynamodb;
  return Object.hasOwn(OldImage, attribute) ? OldImage[attribute]?.['N'] : undefined;
}
