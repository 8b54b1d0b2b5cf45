import { shownProxy } from '../connection/network.js';
import { type ErrorCode, type NextCommand } from '../errors.js';
import { escapeText } from '../lib/escape.js';

/** Characters of a server's message that an error repeats. */
const MAX_MESSAGE_LENGTH = 300;

/** The call that failed. */
export interface FailedCall {
  /** As AWS spells it: `GetRecords`. */
  readonly operation: string;
  /** The table's name, in calls about a table. */
  readonly table?: string | undefined;
  /** Absent: AWS's own endpoint. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly loopback: boolean;
  /** The proxy and the CA bundle that the call went through. */
  readonly proxy?: { readonly url: string; readonly variable: string } | undefined;
  readonly caBundle?: { readonly path: string } | undefined;
}

/** What is known of an error, whoever threw it. */
export interface Failure {
  /** As AWS spells it, without `Exception`. */
  readonly name: string;
  /** Already plain text. */
  readonly message: string;
  readonly status: number | undefined;
  /** The system's error code, such as ECONNREFUSED. */
  readonly system: string | undefined;
  /** The host that the system's error is about, when it says so. */
  readonly host: string | undefined;
  /** There was a response; otherwise the error comes from this machine or from the network. */
  readonly answered: boolean;
}

interface Sentences {
  readonly message: string;
  readonly remedy?: string;
  readonly commands?: readonly NextCommand[];
}

type Wording = (call: FailedCall, failure: Failure, place: string, quoted: string) => Sentences;

const WORDING: { readonly [code in ErrorCode]?: Wording } = {
  NETWORK: (call, { host, system, status }, place) => {
    const through = call.proxy === undefined ? '' : ` through ${shownProxy(call.proxy)}`;
    const why = status === undefined ? (system ?? 'timeout') : `status ${status}`;
    return {
      message: `Cannot reach ${host === undefined ? place : plainText(host)}${through} for ${call.operation} (${why}).`,
      remedy: networkRemedy(call, system),
    };
  },
  SERVICE: (call, { status }, place, quoted) => ({
    message: `${place} failed to answer ${call.operation} (${status === undefined ? '' : `${status} `}${quoted}).`,
    remedy: 'Try again in a minute. If it does not help, check --endpoint-url and the proxies on the way there.',
  }),
  THROTTLED: (call, _failure, place, quoted) => ({
    message: `${place} throttles ${call.operation} (${quoted}).`,
    remedy: 'Lower --concurrency, or find out what else reads this stream or writes to this table.',
  }),
  BAD_RESPONSE: (call, { system }, place) => ({
    message: `The response of ${place} to ${call.operation} is not valid HTTP (${system ?? 'unreadable'}).`,
    remedy: 'If it happens again, check --endpoint-url: http or https, host and port.',
  }),
  TABLE_NOT_FOUND: ({ table = '' }, _failure, place) => ({
    message: `${place} has no table ${JSON.stringify(plainText(table))}.`,
    remedy: 'Check --table, --region and --endpoint-url, or create the table:',
    commands: [{ program: 'ttl-archive', args: ['setup', '--table', table] }],
  }),
  STREAM_OR_SHARD_NOT_FOUND: (call, _failure, place, quoted) => ({
    message: `The stream or shard of ${call.operation} is gone at ${place} (${quoted}).`,
    remedy: 'Check --table and --region; a shard that was trimmed does not come back.',
  }),
  TABLE: ({ table = '' }, _failure, _place, quoted) => ({
    message: `Table ${JSON.stringify(plainText(table))} is busy, or exists already (${quoted}).`,
    remedy: 'Wait until the table is ACTIVE and try again.',
  }),
  CREDENTIALS: (_call, failure, _place, quoted) => ({
    message: `No valid AWS credentials (${quoted}).`,
    ...credentialsRemedy(failure),
  }),
  ACCESS_DENIED: (call, { message }, _place, quoted) => {
    const action = /not authorized to perform: ([\w:]{1,80})/.exec(message)?.[1] ?? `dynamodb:${call.operation}`;
    return {
      message: `AWS denies ${action} (${quoted}).`,
      remedy: `Allow ${action} to this user or role, or choose another with --profile.`,
    };
  },
  CONDITION_FAILED: ({ operation, table = '' }) => ({
    message: `The condition of ${operation} on table ${JSON.stringify(plainText(table))} was not met.`,
    remedy: 'The table already has an item with this key.',
  }),
  EXPIRED_ITERATOR: (_call, _failure, _place, quoted) => ({
    message: `The shard iterator is no longer valid (${quoted}).`,
  }),
  TRIMMED: (_call, _failure, _place, quoted) => ({
    message: `The position in the shard is older than what the stream still holds (${quoted}).`,
  }),
  VALIDATION: (call, _failure, place, quoted) => ({
    message: `${place} rejects ${call.operation} (${quoted}).`,
    remedy: 'Check the options, or see what is wrong with the table:',
    commands: [{ program: 'ttl-archive', args: ['doctor'] }],
  }),
};

/** A sentence that says what happened to what, and one that says what to do. */
export function sentencesOf(code: ErrorCode, failure: Failure, call: FailedCall): Sentences {
  const place = call.endpoint === undefined ? `DynamoDB in ${call.region}` : `DynamoDB at ${hostOf(call.endpoint)}`;
  const quoted = failure.message === '' ? failure.name : `${failure.name}: ${failure.message}`;
  return WORDING[code]?.(call, failure, place, quoted) ?? { message: `${call.operation} failed (${quoted}).` };
}

function networkRemedy({ loopback, proxy, caBundle }: FailedCall, system = ''): string {
  if (/CERT|ISSUER|SIGNATURE|SIGNED/.test(system)) {
    return caBundle === undefined
      ? 'If a proxy or a private CA signs certificates here, set AWS_CA_BUNDLE to a file with its certificate.'
      : `Its certificate is not signed by a CA of ${escapeText(caBundle.path)} (AWS_CA_BUNDLE or ca_bundle): check that file.`;
  }
  if (proxy !== undefined) return `Check ${proxy.variable}, and name hosts that need no proxy in NO_PROXY.`;
  return loopback ? 'Start DynamoDB Local there, or use --local.' : 'Check the network, --region and --endpoint-url.';
}

function credentialsRemedy({ name, message }: Failure): Omit<Sentences, 'message'> {
  if (/^Request(?:Expired|TimeTooSkewed|InTheFuture)$/.test(name) || /signature (?:expired|not yet)/i.test(message)) {
    return { remedy: 'Correct the clock of this machine: it differs too much from that of AWS.' };
  }
  if (/\bsso\b/i.test(message)) {
    return { remedy: 'Log in again:', commands: [{ program: 'aws', args: ['sso', 'login'] }] };
  }
  return {
    remedy: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, log in again, or choose another profile with --profile.',
  };
}

/** A server's text as one short line without control or direction-changing characters. */
export function plainText(text: string): string {
  const [firstLine = ''] = text.split('\n  Deserialization error:', 1);
  const clean = firstLine.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return (clean.length > MAX_MESSAGE_LENGTH ? `${clean.slice(0, MAX_MESSAGE_LENGTH)}…` : clean).replace(/\.$/, '');
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : plainText(endpoint);
}
