/**
 * What happened, in one word. Each code has one exit status, and one kind, which says how to go on:
 *
 * - `retry`: throttling, 5xx, network, timeouts, responses cut short. The same call may succeed later.
 * - `renew`: the shard iterator is no longer valid; a new one continues at the same position.
 * - `shard`: the position or the shard itself is gone from the stream.
 * - `stop`: retrying cannot help.
 */
const CODES = {
  INTERNAL: { exit: 1, kind: 'stop' },
  // The embedded DynamoDB Local is the endpoint, and it cannot be reached.
  LOCAL: { exit: 11, kind: 'stop' },
  USAGE: { exit: 2, kind: 'stop' },
  TABLE: { exit: 3, kind: 'stop' },
  TABLE_NOT_FOUND: { exit: 3, kind: 'stop' },
  VALIDATION: { exit: 3, kind: 'stop' },
  CONDITION_FAILED: { exit: 9, kind: 'stop' },
  CREDENTIALS: { exit: 4, kind: 'stop' },
  ACCESS_DENIED: { exit: 4, kind: 'stop' },
  GAP: { exit: 5, kind: 'stop' },
  LOCKED: { exit: 6, kind: 'stop' },
  DISK: { exit: 7, kind: 'stop' },
  JOURNAL: { exit: 7, kind: 'stop' },
  TIMEOUT: { exit: 8, kind: 'stop' },
  NOT_RESTORED: { exit: 9, kind: 'stop' },
  NOT_VERIFIED: { exit: 10, kind: 'stop' },
  UNREACHABLE: { exit: 11, kind: 'stop' },
  THROTTLED: { exit: 11, kind: 'retry' },
  SERVICE: { exit: 11, kind: 'retry' },
  NETWORK: { exit: 11, kind: 'retry' },
  BAD_RESPONSE: { exit: 11, kind: 'retry' },
  EXPIRED_ITERATOR: { exit: 1, kind: 'renew' },
  TRIMMED: { exit: 5, kind: 'shard' },
  STREAM_OR_SHARD_NOT_FOUND: { exit: 3, kind: 'shard' },
} as const satisfies Record<string, { exit: number; kind: 'retry' | 'renew' | 'shard' | 'stop' }>;

/** What happened, in one word; docs/exit-statuses.md lists the codes. */
export type ErrorCode = keyof typeof CODES;
export type ErrorKind = (typeof CODES)[ErrorCode]['kind'];

/** A command to run next. Where it is shown, the connection options of the failed command are added. */
export interface NextCommand {
  readonly program: 'ttl-archive' | 'aws' | 'npm' | 'docker';
  readonly args: readonly string[];
}

/** The one error class: a code, a message that says what happened to what, and a remedy. */
export class TtlArchiveError extends Error {
  override readonly name = 'TtlArchiveError';
  readonly code: ErrorCode;
  /** One sentence: what the user can do about it. */
  readonly remedy: string | undefined;
  /** The commands of the remedy, in their order. */
  readonly commands: readonly NextCommand[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { remedy?: string | undefined; commands?: readonly NextCommand[] | undefined; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.remedy = options.remedy;
    this.commands = options.commands ?? [];
  }
}

/** The exit status for an error (docs/exit-statuses.md); 1 for anything but a TtlArchiveError, which is a bug. */
export function exitStatusOf(error: unknown): number {
  return error instanceof TtlArchiveError ? CODES[error.code].exit : CODES.INTERNAL.exit;
}

/** How to go on after an error: anything but a TtlArchiveError is of the kind `stop`. */
export function errorKindOf(error: unknown): ErrorKind {
  return error instanceof TtlArchiveError ? CODES[error.code].kind : 'stop';
}

/** True when `error` is a TtlArchiveError with this code. */
export function hasCode(error: unknown, code: ErrorCode): error is TtlArchiveError {
  return error instanceof TtlArchiveError && error.code === code;
}
