import { TtlArchiveError } from '../errors.js';

/** An item that a format cannot hold. It names the record, never an attribute or a value. */
export function encodeError(what: string, remedy: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('VALIDATION', `An item cannot be archived: ${what}.`, { remedy, cause });
}
