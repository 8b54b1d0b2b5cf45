import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import { parseTableArn } from '../lib/table-arn.js';
import type {
  AwsTime,
  Clock,
  Deletions,
  StreamsClient,
  TableDescription,
  TablesClient,
  TimeToLive,
} from '../ports/index.js';
import { checkClock } from './check-clock.js';
import { checkItems } from './check-items.js';
import { checkReading } from './check-reading.js';
import { checkOf, type DoctorCheck } from './doctor-check.js';
import { setupCommand } from './setup-command.js';
import { failedCall, tryCall, untried } from './try-call.js';
import { ttlIsOff, whyNotArchivable } from './why-not-archivable.js';

export interface DoctorContext {
  readonly tables: TablesClient;
  readonly streams: StreamsClient;
  readonly clock: Clock;
  /** Set by the answers of `tables`. */
  readonly awsTime: AwsTime;
  readonly signal?: AbortSignal;
}

export interface DoctorOptions {
  readonly table: string;
  readonly deletions?: Deletions;
  /** Look at items: up to 100, which costs read units. */
  readonly scan: boolean;
}

/**
 * Checks whether the table can be archived: it exists, its stream is on and holds deleted items, TTL is on and suits the
 * items, and these credentials can make the calls of `watch`: each is made once. Skips a check when one that it needs has
 * failed. An error that is not about the table (the network, missing credentials) is a failed check, too, and the last call.
 * Throws the signal's reason when the signal aborts.
 */
export async function doctor(context: DoctorContext, options: DoctorOptions): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  try {
    for await (const check of checkTableAndStream(context, options)) checks.push(check);
  } catch (error) {
    if (context.signal?.aborted === true || !(error instanceof TtlArchiveError)) throw error;
    checks.push(noConnection(error));
  }
  // Last: it goes by the answers to the other calls.
  checks.push(checkClock(context));
  return [...checks.filter((check) => !isPermission(check)), ...checks.filter(isPermission)];
}

/** What prevents the calls themselves, whatever the table is like. */
export function noConnection(error: TtlArchiveError): DoctorCheck {
  return { ...checkOf('connection', error), why: 'What needs further calls was not checked.' };
}

async function* checkTableAndStream(context: DoctorContext, options: DoctorOptions): AsyncGenerator<DoctorCheck> {
  const { tables, signal } = context;
  const { table, deletions = 'ttl' } = options;
  const described = await tryCall({
    operation: 'DescribeTable',
    call: () => tables.describeTable(table, signal),
    denied: 'fail',
    why: 'Without it the stream is not found. "doctor --iam-policy --table <ARN>" prints the policy.',
    expected: ['TABLE_NOT_FOUND', 'VALIDATION'],
    // It would need this very call, unless the ARN is given.
    ...(parseTableArn(table) === undefined && { commands: [] }),
  });
  if ('error' in described) {
    yield* failedCall('table', described);
    return;
  }
  const description = described.value;
  yield checkTable(description);
  yield described.permission;
  const ttl = await tryCall({
    operation: 'DescribeTimeToLive',
    call: () => tables.describeTimeToLive(table, signal),
    denied: 'fail',
    why: 'watch asks for the TTL attribute when it starts.',
    expected: ['TABLE_NOT_FOUND', 'VALIDATION'],
  });
  const timeToLive = 'value' in ttl ? ttl.value : undefined;
  const stream = checkStream(description, deletions, timeToLive);
  yield stream;
  if ('error' in ttl) yield* failedCall('ttl', ttl);
  else {
    yield checkTimeToLive(table, ttl.value, deletions);
    yield ttl.permission;
    yield* await checkItems(context, { ...options, description, timeToLive: ttl.value });
  }
  if (stream.result !== 'fail') yield* checkReading(context, description);
  yield untried('PutItem', 'only restore and put-and-wait need it');
  yield untried('GetItem', 'only restore and put-and-wait need it');
}

function isPermission({ check }: DoctorCheck): boolean {
  return check.startsWith('permission.');
}

function checkTable({ TableName, TableStatus }: TableDescription): DoctorCheck {
  const says = `Table ${quoted(TableName)} is ${TableStatus}.`;
  if (TableStatus === 'ACTIVE' || TableStatus === 'UPDATING') return { check: 'table', result: 'ok', says };
  return { check: 'table', result: 'fail', says, remedy: 'Wait until the table is ACTIVE.', code: 'TABLE' };
}

function checkStream(description: TableDescription, deletions: Deletions, ttl: TimeToLive | undefined): DoctorCheck {
  // Whether TTL is on is a separate check.
  const reason = whyNotArchivable(description, ttl, deletions === 'inferred' ? 'ttl' : deletions);
  const why = 'The deleted items come from the stream.';
  if (reason !== undefined) return { ...checkOf('stream', reason), why };
  const { stream, TableName } = description;
  if (stream.enabled) {
    return { check: 'stream', result: 'ok', says: `The stream is on, with view type ${stream.viewType ?? 'unknown'}.` };
  }
  return {
    check: 'stream',
    result: 'warn',
    says: 'The stream was switched off.',
    why: 'What it holds can be archived for 24 hours, and nothing new comes in.',
    remedy: 'Switch it on:',
    commands: [setupCommand(TableName, ttl)],
  };
}

function checkTimeToLive(table: string, timeToLive: TimeToLive, deletions: Deletions): DoctorCheck {
  const check = 'ttl';
  if (ttlIsOff(timeToLive) && deletions === 'all') {
    return { check, result: 'ok', says: `TTL is off on table ${quoted(table)}; --deletions all does not need it.` };
  }
  if (ttlIsOff(timeToLive)) {
    return {
      check,
      // As for `watch`: the stream may still hold what TTL deleted before it was switched off.
      ...(deletions === 'ttl' ? { result: 'warn' } : { result: 'fail', code: 'TABLE' }),
      says: `TTL is off on table ${quoted(table)}.`,
      why: 'So it deletes nothing that could be archived.',
      remedy: 'Switch it on:',
      commands: [setupCommand(table)],
    };
  }
  const attribute = quoted(timeToLive.attribute ?? '');
  if (timeToLive.status === 'ENABLED') return { check, result: 'ok', says: `TTL is on, with attribute ${attribute}.` };
  return {
    check,
    result: 'note',
    says: `TTL is being switched on, with attribute ${attribute}.`,
    why: 'That takes up to an hour; until then it deletes nothing.',
  };
}
