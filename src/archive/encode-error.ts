import { TtlArchiveError } from '../errors.js';

/** The error for an item that a format cannot express. Never names an attribute or a value. */
export function encodeError(what: string, remedy: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('VALIDATION', `An item cannot be archived: ${what}.`, { remedy, cause });
}
