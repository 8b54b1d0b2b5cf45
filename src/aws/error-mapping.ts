import { type ErrorCode, TtlArchiveError } from '../errors.js';
import { isObject } from '../lib/json-checks.js';
import { type FailedCall, type Failure, plainText, sentencesOf } from './error-sentences.js';

/** AWS's error names (without `Exception`, which some services and DynamoDB Local omit) → code. */
const CODE_OF_NAME: Readonly<Record<string, ErrorCode>> = {
  ProvisionedThroughputExceeded: 'THROTTLED',
  LimitExceeded: 'THROTTLED',
  Throttling: 'THROTTLED',
  Throttled: 'THROTTLED',
  RequestThrottled: 'THROTTLED',
  RequestLimitExceeded: 'THROTTLED',
  TooManyRequests: 'THROTTLED',
  SlowDown: 'THROTTLED',
  TransactionConflict: 'THROTTLED',
  ReplicatedWriteConflict: 'THROTTLED',

  InternalServerError: 'SERVICE',
  InternalServer: 'SERVICE',
  InternalFailure: 'SERVICE',
  InternalError: 'SERVICE',
  ServiceUnavailable: 'SERVICE',

  ExpiredIterator: 'EXPIRED_ITERATOR',
  TrimmedDataAccess: 'TRIMMED',
  ConditionalCheckFailed: 'CONDITION_FAILED',
  ResourceInUse: 'TABLE',
  Validation: 'VALIDATION',

  CredentialsProviderError: 'CREDENTIALS',
  TokenProviderError: 'CREDENTIALS',
  ProviderError: 'CREDENTIALS',
  ExpiredToken: 'CREDENTIALS',
  TokenRefreshRequired: 'CREDENTIALS',
  UnrecognizedClient: 'CREDENTIALS',
  InvalidClientTokenId: 'CREDENTIALS',
  InvalidAccessKeyId: 'CREDENTIALS',
  InvalidSignature: 'CREDENTIALS',
  SignatureDoesNotMatch: 'CREDENTIALS',
  IncompleteSignature: 'CREDENTIALS',
  MissingAuthenticationToken: 'CREDENTIALS',
  MissingAuthenticationTokenError: 'CREDENTIALS',
  InvalidGrant: 'CREDENTIALS',
  InvalidIdentityToken: 'CREDENTIALS',
  ExpiredTokenId: 'CREDENTIALS',
  Unauthorized: 'CREDENTIALS',
  RequestExpired: 'CREDENTIALS',
  RequestTimeTooSkewed: 'CREDENTIALS',
  RequestInTheFuture: 'CREDENTIALS',

  AccessDenied: 'ACCESS_DENIED',
  NotAuthorized: 'ACCESS_DENIED',
  UnauthorizedOperation: 'ACCESS_DENIED',
  OptInRequired: 'ACCESS_DENIED',
  SubscriptionRequired: 'ACCESS_DENIED',
};

/** Codes of Node's sockets, DNS and TLS, and of undici for credential providers. */
const NETWORK_CODE =
  /^(?:E(?!RR_)[A-Z0-9_]+|UND_ERR_\w+|ERR_(?:TLS|SSL|SOCKET|STREAM)_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|\w+_ISSUER\w*)$/;

/** The same in a message, where the code itself is lost. */
const NETWORK_MESSAGE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|socket hang up)\b/;

/** The SDK's error names for an error response that is not JSON, or whose `__type` is missing or null. */
const UNREADABLE = new Set(['SyntaxError', 'Unknown', 'TypeError']);

/** Codes of files and programs: a credential provider cannot read or run what the profile names. */
const LOCAL_CODE = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR']);

/** Turns whatever the SDK threw into the one error class. */
export function toTtlArchiveError(error: unknown, call: FailedCall): TtlArchiveError {
  if (error instanceof TtlArchiveError) return error;
  const failure = failureOf(error);
  const code = codeOf(failure, call);
  const { message, remedy, commands } = sentencesOf(code, failure, call);
  return new TtlArchiveError(code, message, { remedy, commands, cause: error });
}

/** True when the SDK has noticed that the clocks differ: it signs the next call by the server's clock. */
export function isClockCorrected(error: unknown): boolean {
  const metadata = error instanceof Error && 'cause' in error ? objectIn(error.cause, '$metadata') : undefined;
  return metadata?.['clockSkewCorrected'] === true;
}

function failureOf(error: unknown): Failure {
  const own = error instanceof Error ? error : new Error(String(error));
  // Both addresses of `localhost` refused: one AggregateError with an empty message.
  const inner = own instanceof AggregateError && own.errors[0] instanceof Error ? own.errors[0] : own;
  const status = objectIn(own, '$metadata')?.['httpStatusCode'];
  return {
    name: own.name.replace(/^.*#/, '').replace(/Exception$/, ''),
    message: plainText(own.message || inner.message),
    status: typeof status === 'number' ? status : undefined,
    system: textIn(own, 'code') ?? textIn(inner, 'code') ?? textIn(own.cause, 'code'),
    host: textIn(own, 'hostname'),
    answered: objectIn(own, '$response') !== undefined || typeof status === 'number',
  };
}

function codeOf(
  { name, message, status, system, answered }: Failure,
  { operation, table, proxy }: FailedCall,
): ErrorCode {
  // This status is a proxy's request for authentication.
  if (status === 407 && proxy !== undefined) return 'NETWORK';
  if (name === 'ResourceNotFound') return table === undefined ? 'STREAM_OR_SHARD_NOT_FOUND' : 'TABLE_NOT_FOUND';
  // DynamoDB Local's error for an iterator that is no longer valid.
  if (name === 'Validation' && operation === 'GetRecords' && /shard ?iterator/i.test(message)) {
    return 'EXPIRED_ITERATOR';
  }
  // The credential provider (SSO, STS) was not reached: the credentials may be valid.
  if (name.endsWith('ProviderError') && NETWORK_MESSAGE.test(message)) return 'NETWORK';
  const known = Object.hasOwn(CODE_OF_NAME, name) ? CODE_OF_NAME[name] : undefined;
  if (known !== undefined) return known;
  if (!answered) {
    if (name === 'TimeoutError') return 'NETWORK';
    if (system === undefined) {
      if (/\bsso\b|profile|credential/i.test(message)) return 'CREDENTIALS';
      return NETWORK_MESSAGE.test(message) ? 'NETWORK' : 'INTERNAL';
    }
    if (system.startsWith('HPE_')) return 'BAD_RESPONSE';
    if (LOCAL_CODE.has(system) && !message.startsWith('connect ')) return 'CREDENTIALS';
    return NETWORK_CODE.test(system) ? 'NETWORK' : 'INTERNAL';
  }
  if (system !== undefined && NETWORK_CODE.test(system)) return 'NETWORK';
  // A response without one of DynamoDB's errors comes from something in between: a proxy, a load balancer.
  if (status === undefined || status >= 500 || status === 429 || UNREADABLE.has(name)) return 'SERVICE';
  return 'VALIDATION';
}

function textIn(holder: unknown, key: string): string | undefined {
  const value = isObject(holder) ? holder[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function objectIn(holder: unknown, key: string): Record<string, unknown> | undefined {
  const value = isObject(holder) ? holder[key] : undefined;
  return isObject(value) ? value : undefined;
}
