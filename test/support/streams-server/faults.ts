/** What goes wrong with one call. */
export type Fault =
  /** An error answer of the service. */
  | { readonly kind: 'error'; readonly type: string; readonly message?: string; readonly status?: number }
  /** 503 with a page of HTML, as a proxy would send it. */
  | { readonly kind: 'html' }
  /** The connection is reset before, or in the middle of, the answer. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'reset-in-body' }
  /** Never answers, or stops in the middle of the body; the connection stays until the client gives up. */
  | { readonly kind: 'stall' }
  | { readonly kind: 'stall-in-body' }
  /** Half the body and an orderly close: announced with its whole length, chunked, or with no length at all. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'truncated-chunked' }
  | { readonly kind: 'truncated-unannounced' }
  /** 200 with a right checksum and a body that is not JSON. */
  | { readonly kind: 'invalid-json' }
  /** The right body with a wrong x-amz-crc32. */
  | { readonly kind: 'wrong-crc' }
  /** 200 with a right checksum and this body. */
  | { readonly kind: 'body'; readonly body: string }
  /** The right answer, so much later. */
  | { readonly kind: 'latency'; readonly ms: number };

/** A call as the fault plan sees it. */
export interface Call {
  /** Counts from 1. */
  readonly number: number;
  /** For example `GetRecords`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly StreamArn: string | undefined;
  readonly ShardId: string | undefined;
  /** '' for an unsigned call. */
  readonly accessKeyId: string;
  /** Epoch milliseconds of the model's clock. */
  readonly at: number;
}

export type FaultPlan = (call: Call) => Fault | undefined;

const error = (type: string, message?: string, status = 400): Fault => ({
  kind: 'error',
  type,
  status,
  ...(message !== undefined && { message }),
});

/** Ready-made faults by name. */
export const FAULTS = {
  throughputExceeded: error('ProvisionedThroughputExceededException', 'The level of throughput was exceeded'),
  limitExceeded: error('LimitExceededException', 'Too many operations for the stream'),
  throttling: error('ThrottlingException', 'Rate exceeded'),
  internalError: error('InternalServerError', 'The request processing has failed', 500),
  html503: { kind: 'html' },
  reset: { kind: 'reset' },
  resetInBody: { kind: 'reset-in-body' },
  stall: { kind: 'stall' },
  stallInBody: { kind: 'stall-in-body' },
  truncated: { kind: 'truncated' },
  truncatedChunked: { kind: 'truncated-chunked' },
  truncatedUnannounced: { kind: 'truncated-unannounced' },
  invalidJson: { kind: 'invalid-json' },
  wrongCrc: { kind: 'wrong-crc' },
  emptyObject: { kind: 'body', body: '{}' },
  nullBody: { kind: 'body', body: 'null' },
  recordsNull: { kind: 'body', body: '{"Records":null,"NextShardIterator":null}' },
  recordsOfTheWrongShape: { kind: 'body', body: '{"Records":[{"dynamodb":7}]}' },
  expiredIterator: error('ExpiredIteratorException', 'Iterator expired'),
  trimmed: error('TrimmedDataAccessException', 'The position is older than the trim horizon of the shard'),
  notFound: error('ResourceNotFoundException', 'Shard does not exist'),
  expiredToken: error('ExpiredTokenException', 'The security token included in the request is expired'),
  unrecognizedClient: error('UnrecognizedClientException', 'The security token included in the request is invalid.'),
  accessDenied: error('AccessDeniedException', 'User is not authorized to perform this operation'),
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** The faults that trying again mends. `stall` and `stallInBody` cost the client its whole timeout. */
export const PASSING_FAULTS: readonly FaultName[] = [
  'throughputExceeded',
  'limitExceeded',
  'throttling',
  'internalError',
  'html503',
  'reset',
  'resetInBody',
  'stall',
  'stallInBody',
  'truncated',
  'truncatedChunked',
  'truncatedUnannounced',
  'invalidJson',
  'wrongCrc',
  'emptyObject',
  'nullBody',
  'recordsNull',
  'recordsOfTheWrongShape',
  'expiredIterator',
];

/** Gives a share of the calls one of `kinds` each. `expiredIterator` befalls GetRecords only. */
export function randomFaults(options: {
  readonly probability: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly kinds: readonly FaultName[];
  /** Default: all. */
  readonly operations?: readonly string[];
}): FaultPlan {
  const { probability, random, kinds, operations } = options;
  return ({ operation }) => {
    if (operations && !operations.includes(operation)) return undefined;
    if (random() >= probability) return undefined;
    const possible = kinds.filter((kind) => kind !== 'expiredIterator' || operation === 'GetRecords');
    const kind = possible[Math.floor(random() * possible.length)];
    return kind === undefined ? undefined : FAULTS[kind];
  };
}

/** The first `count` calls of an operation get this fault, the later ones none. */
export function firstCalls(operation: string, count: number, fault: Fault): FaultPlan {
  let left = count;
  return (call) => {
    if (call.operation !== operation || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

/** Calls signed with one of these access key ids fail; the set may change while the server runs. */
export function expiredCredentials(accessKeyIds: ReadonlySet<string>, fault: Fault = FAULTS.expiredToken): FaultPlan {
  return ({ accessKeyId }) => (accessKeyIds.has(accessKeyId) ? fault : undefined);
}

/** The first fault that one of the plans has for a call. */
export function anyFault(...plans: readonly FaultPlan[]): FaultPlan {
  return (call) => {
    for (const plan of plans) {
      const fault = plan(call);
      if (fault) return fault;
    }
    return undefined;
  };
}

/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
