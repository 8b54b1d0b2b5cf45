import type { ChangeRecord, WireItem } from '../ports/index.js';
import { encodeError } from './encode-error.js';

/**
 * Format `item` (an OldImage) and format `record` (a whole stream record): DynamoDB JSON with everything that was sent,
 * on one line. Names such as `__proto__` survive, because nothing is copied.
 *
 * @throws TtlArchiveError VALIDATION when it is nested deeper than the stack.
 */
export function encodeWire(value: WireItem | ChangeRecord): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw encodeError('it is nested too deeply to be written', 'DynamoDB allows 32 levels: check the endpoint.', error);
  }
}
