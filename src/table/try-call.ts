import type { ErrorCode, NextCommand, TtlArchiveError } from '../errors.js';
import { checkOf, type DoctorCheck, hasOneOf } from './doctor-check.js';

/** Prints the policy with every permission that `watch` needs; looks up the ARN with DescribeTable if it is not given. */
const POLICY: NextCommand = { program: 'ttl-archive', args: ['doctor', '--iam-policy'] };

interface TriedCall<T> {
  /** As AWS spells it: `DescribeTable`. */
  readonly operation: string;
  readonly call: () => Promise<T>;
  /** Without this permission: `fail` when the table cannot be archived then. */
  readonly denied: 'fail' | 'warn';
  /** Why the permission matters. */
  readonly why: string;
  /** Errors that are about the table, and so return `{ error }` instead of being thrown: the call is permitted. */
  readonly expected: readonly ErrorCode[];
  /** The commands that help when the permission is missing. Default: print the policy. */
  readonly commands?: readonly NextCommand[];
}

interface FailedCall {
  readonly permission: DoctorCheck;
  readonly error: TtlArchiveError;
}

/** What a call gave, and the check of its permission. */
type Tried<T> = { readonly permission: DoctorCheck; readonly value: T } | FailedCall;

/**
 * Makes a call to see whether it is permitted. Throws errors that are neither expected nor about permissions: the network,
 * missing credentials.
 */
export async function tryCall<T>({
  operation,
  call,
  denied,
  why,
  expected,
  commands = [POLICY],
}: TriedCall<T>): Promise<Tried<T>> {
  const check = `permission.${operation}`;
  const permission: DoctorCheck = { check, result: 'ok', says: 'Permitted.' };
  try {
    return { permission, value: await call() };
  } catch (error) {
    if (hasOneOf(error, expected)) return { permission, error };
    if (!hasOneOf(error, ['ACCESS_DENIED'])) throw error;
    return { permission: { ...checkOf(check, error, denied), why, commands }, error };
  }
}

/** The checks for a call that failed: one with its error unless that is about the permission, and the permission. */
export function failedCall(check: string, { permission, error }: FailedCall): DoctorCheck[] {
  return permission.result === 'ok' ? [checkOf(check, error), permission] : [permission];
}

/** A permission that was not tried, and why. */
export function untried(operation: string, because: string): DoctorCheck {
  return { check: `permission.${operation}`, result: 'note', says: `Not tried: ${because}.` };
}
