import { type ErrorCode, type NextCommand, TtlArchiveError } from '../errors.js';

/**
 * The result of one check. `fail`: the table cannot be archived as it is. `warn`: it can, but something is probably wrong.
 * `note`: worth knowing, and right for some.
 */
export interface DoctorCheck {
  /** Its name; docs/doctor.md lists them. It stays the same when the sentences change. */
  readonly check: string;
  readonly result: 'ok' | 'note' | 'warn' | 'fail';
  /** What was found, as a sentence. */
  readonly says: string;
  /** Why it matters, as a sentence. */
  readonly why?: string;
  /** How to fix it, as a sentence. */
  readonly remedy?: string;
  /** The commands of the remedy. */
  readonly commands?: readonly NextCommand[];
  /** With `fail`: the error code of `watch`. */
  readonly code?: ErrorCode;
}

/** A check that failed, or is worth a warning, because of this error. */
export function checkOf(check: string, error: TtlArchiveError, result: 'fail' | 'warn' = 'fail'): DoctorCheck {
  const { code, message, remedy, commands } = error;
  return {
    check,
    result,
    says: message,
    ...(remedy !== undefined && { remedy }),
    ...(commands.length > 0 && { commands }),
    ...(result === 'fail' && { code }),
  };
}

/** True for an error with one of these codes. */
export function hasOneOf(error: unknown, codes: readonly ErrorCode[]): error is TtlArchiveError {
  return error instanceof TtlArchiveError && codes.includes(error.code);
}
