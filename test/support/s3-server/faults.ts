/** What goes wrong with one call. */
export type S3Fault =
  /** An error answer, without any effect. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** 503 with a page of HTML, as a proxy would send it. */
  | { readonly kind: 'html' }
  /** The connection is reset before the call has any effect, or after it: then the answer is lost. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'lost-answer' }
  /** Half the body, then the connection is reset; or an orderly end that the headers agree with. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'truncated-unannounced' }
  /** The right answer with one byte of its body changed. */
  | { readonly kind: 'altered' }
  /** What arrives is not what was sent: the checksum does not match. */
  | { readonly kind: 'altered-upload' }
  /** The right answer, so much later. */
  | { readonly kind: 'latency'; readonly ms: number };

export interface S3Call {
  /** Counts from 1. */
  readonly number: number;
  readonly method: string;
  /** Without the bucket; empty for a listing. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type S3FaultPlan = (call: S3Call) => S3Fault | undefined;

const error = (status: number, code: string): S3Fault => ({ kind: 'error', status, code });

/** Ready-made faults by name. */
export const S3_FAULTS = {
  slowDown: error(503, 'SlowDown'),
  internalError: error(500, 'InternalError'),
  conflict: error(409, 'ConditionalRequestConflict'),
  html503: { kind: 'html' },
  reset: { kind: 'reset' },
  lostAnswer: { kind: 'lost-answer' },
  truncated: { kind: 'truncated' },
  truncatedUnannounced: { kind: 'truncated-unannounced' },
  altered: { kind: 'altered' },
  alteredUpload: { kind: 'altered-upload' },
  slow: { kind: 'latency', ms: 30 },
  accessDenied: error(403, 'AccessDenied'),
  preconditionFailed: error(412, 'PreconditionFailed'),
} as const satisfies Record<string, S3Fault>;

export type S3FaultName = keyof typeof S3_FAULTS;

/** The first `count` calls of a method get this fault, the later ones none. */
export function firstS3Calls(method: string, count: number, fault: S3Fault): S3FaultPlan {
  let left = count;
  return (call) => (call.method === method && left-- > 0 ? fault : undefined);
}
