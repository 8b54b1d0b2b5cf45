import type { ItemEntry } from '../ports/index.js';

type Deletion = Pick<ItemEntry, 'deletedAt' | 'SequenceNumber'>;

/** Bytes of `orderOf`. */
export const ORDER_LENGTH = 28;

/**
 * When an item was deleted, as bytes that sort by the time and then by the SequenceNumber: decimal digits, of which
 * DynamoDB has up to 40, sort in the place of hexadecimal ones. What is no SequenceNumber sorts first.
 */
export function orderOf({ deletedAt, SequenceNumber }: Deletion): Buffer {
  const order = Buffer.alloc(ORDER_LENGTH);
  // Positive numbers sort by their bytes.
  order.writeDoubleBE(Math.max(0, Date.parse(deletedAt)));
  if (/^\d{1,40}$/.test(SequenceNumber)) order.write(SequenceNumber.padStart(40, '0'), 8, 'hex');
  return order;
}

/** For sorting by the time of deletion, the newest last. */
export function compareDeletions(a: Deletion, b: Deletion): number {
  return orderOf(a).compare(orderOf(b));
}
