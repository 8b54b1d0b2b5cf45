import { TtlArchiveError } from '../errors.js';
import { rememberLast } from '../lib/remember-last.js';

/**
 * Compares two SequenceNumbers by value: negative, zero or positive, as a sort function. They are decimal strings of 21
 * to 40 digits (API_streams_StreamRecord; emulators send shorter ones), so text order and Number are both wrong. Equally
 * long ones compare the same as text, which is what nearly every call meets.
 *
 * @throws TtlArchiveError BAD_RESPONSE when one is not a decimal number.
 */
export function compareSequenceNumbers(a: string, b: string): number {
  if (!isValid(b) || !isValid(a)) {
    throw new TtlArchiveError('BAD_RESPONSE', 'The stream sent a SequenceNumber that is not a decimal number.');
  }
  if (a.length === b.length) return a < b ? -1 : a > b ? 1 : 0;
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** In a page each is compared with the one before, which was checked already. */
const isValid = rememberLast(isSequenceNumber);

/** Whether the text is a decimal number of a length that a SequenceNumber may have. */
export function isSequenceNumber(text: string): boolean {
  return /^\d{1,40}$/.test(text);
}
