import { type ErrorCode, TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { isObject } from '../lib/json-checks.js';

/** The call that failed. */
export interface S3Call {
  /** As AWS spells it: `PutObject`. */
  readonly operation: string;
  readonly bucket: string;
}

const MAX_MESSAGE_LENGTH = 300;

/** Error names of S3 → code; what is not here goes by its status. */
const CODE_OF_NAME: Readonly<Record<string, ErrorCode>> = {
  SlowDown: 'THROTTLED',
  // Somebody else creates the object at this very moment: whether it exists is known at the next attempt.
  ConditionalRequestConflict: 'SERVICE',
  OperationAborted: 'SERVICE',
  RequestTimeout: 'NETWORK',
  TimeoutError: 'NETWORK',
  // The bytes were altered or cut on their way there.
  BadDigest: 'BAD_RESPONSE',
  InvalidDigest: 'BAD_RESPONSE',
  IncompleteBody: 'BAD_RESPONSE',
  XAmzContentChecksumMismatch: 'BAD_RESPONSE',
  XAmzContentSHA256Mismatch: 'BAD_RESPONSE',
  CredentialsProviderError: 'CREDENTIALS',
  ExpiredToken: 'CREDENTIALS',
  InvalidToken: 'CREDENTIALS',
  InvalidAccessKeyId: 'CREDENTIALS',
  SignatureDoesNotMatch: 'CREDENTIALS',
  RequestTimeTooSkewed: 'CREDENTIALS',
  AccessDenied: 'ACCESS_DENIED',
  NoSuchBucket: 'USAGE',
  PermanentRedirect: 'USAGE',
  AuthorizationHeaderMalformed: 'USAGE',
};

const REMEDY: { readonly [code in ErrorCode]?: string } = {
  CREDENTIALS: 'Log in again, or check the credentials and the clock of this machine.',
  USAGE: 'Check the name and the region of the bucket.',
  NETWORK: 'Check the network, the region and the endpoint.',
};

/** Turns what the SDK threw into the one error class, with the code that says whether a retry can help. */
export function toS3Error(error: unknown, { operation, bucket }: S3Call): TtlArchiveError {
  if (error instanceof TtlArchiveError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(error, name, message);
  const [firstLine = ''] = message.split('\n', 1);
  const quoted = escapeText(`${name}: ${firstLine}`.slice(0, MAX_MESSAGE_LENGTH));
  return new TtlArchiveError(code, `${operation} on the bucket ${escapeText(bucket)} failed (${quoted}).`, {
    remedy: code === 'ACCESS_DENIED' ? `Allow ${permissionsFor(operation)} to this user or role.` : REMEDY[code],
    cause: error,
  });
}

/** Without ListBucket, AWS denies a GetObject of an object that is missing. */
function permissionsFor(operation: string): string {
  const list = 's3:ListBucket on this bucket';
  if (operation === 'ListObjectsV2') return list;
  return `s3:${operation} on its objects${operation === 'GetObject' ? ` and ${list}` : ''}`;
}

/** The HTTP status of the answer that the SDK turned into an error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const own = memberOf(memberOf(error, '$metadata'), 'httpStatusCode');
  const status = own ?? memberOf(memberOf(error, '$response'), 'statusCode');
  return typeof status === 'number' ? status : undefined;
}

function codeOf(error: unknown, name: string, message: string): ErrorCode {
  if (Object.hasOwn(CODE_OF_NAME, name)) return CODE_OF_NAME[name] ?? 'INTERNAL';
  if (/^checksum mismatch/i.test(message)) return 'BAD_RESPONSE';
  const status = statusOf(error);
  if (status === undefined) return isNetwork(error) ? 'NETWORK' : 'INTERNAL';
  if (status === 429 || status === 503) return 'THROTTLED';
  // An answer that cannot be parsed comes from something in between.
  if (status === 409 || status >= 500 || status < 300) return 'SERVICE';
  if (status === 401 || status === 403) return 'ACCESS_DENIED';
  return status === 301 || status === 307 ? 'USAGE' : 'VALIDATION';
}

/** True for errors of sockets, DNS and TLS: they carry the system's code. */
function isNetwork(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isNetwork);
  return typeof memberOf(error, 'code') === 'string' || (error instanceof Error && error.message === 'aborted');
}

function memberOf(holder: unknown, name: string): unknown {
  return isObject(holder) ? holder[name] : undefined;
}
