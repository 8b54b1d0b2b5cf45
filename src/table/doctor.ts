import { type ErrorCode, hasCode, type NextCommand, TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { Deletions, StreamsClient, TableDescription, TablesClient, TimeToLive } from '../ports/index.js';
import { setupCommand } from './setup-command.js';
import { ttlIsOff, whyNotArchivable } from './why-not-archivable.js';

/** The result of one check. */
export interface DoctorCheck {
  readonly check: 'table' | 'stream' | 'ttl' | 'read';
  readonly ok: boolean;
  /** The result as a sentence. */
  readonly says: string;
  /** How to fix it, as a sentence. */
  readonly remedy?: string;
  /** The commands of the remedy. */
  readonly commands?: readonly NextCommand[];
  /** When not ok: the error code of `watch`. */
  readonly code?: ErrorCode;
}

export interface DoctorContext {
  readonly tables: TablesClient;
  readonly streams: StreamsClient;
  readonly signal?: AbortSignal;
}

const LIST_REMEDY =
  'Allow dynamodb:ListStreams, too: without it, streams that come and go while nobody watches are not found.';

/**
 * Checks whether the table can be archived: it exists, its stream is on and holds deleted items, TTL is on, and these
 * credentials can read the stream (one call of each of the four stream operations). Skips a check when one that it needs
 * has failed. Throws errors that are not about the table: the network, missing credentials.
 */
export async function doctor(
  context: DoctorContext,
  { table, deletions = 'ttl' }: { table: string; deletions?: Deletions },
): Promise<DoctorCheck[]> {
  const description = await attempt('table', () => context.tables.describeTable(table, context.signal));
  if (isCheck(description)) return [description];
  const timeToLive = await attempt('ttl', () => context.tables.describeTimeToLive(table, context.signal));
  const stream = checkStream(description, deletions, isCheck(timeToLive) ? undefined : timeToLive);
  return [
    checkTable(description),
    stream,
    isCheck(timeToLive) ? timeToLive : checkTimeToLive(table, timeToLive, deletions),
    ...(stream.ok && description.LatestStreamArn !== undefined
      ? [await checkReading(context, table, description.LatestStreamArn)]
      : []),
  ];
}

function checkTable({ TableName, TableStatus }: TableDescription): DoctorCheck {
  const says = `Table ${quoted(TableName)} is ${TableStatus}.`;
  if (TableStatus === 'ACTIVE' || TableStatus === 'UPDATING') return { check: 'table', ok: true, says };
  return { check: 'table', ok: false, says, remedy: 'Wait until the table is ACTIVE.', code: 'TABLE' };
}

function checkStream(description: TableDescription, deletions: Deletions, ttl: TimeToLive | undefined): DoctorCheck {
  // Whether TTL is on is a separate check.
  const why = whyNotArchivable(description, ttl, deletions === 'inferred' ? 'ttl' : deletions);
  if (why !== undefined) return failed('stream', why);
  const { stream, TableName } = description;
  if (stream.enabled) {
    return { check: 'stream', ok: true, says: `The stream is on, with view type ${stream.viewType ?? 'unknown'}.` };
  }
  return {
    check: 'stream',
    ok: true,
    says: 'The stream was switched off: what it holds can be archived for 24 hours, and nothing new comes in.',
    remedy: 'Switch it on:',
    commands: [setupCommand(TableName, ttl)],
  };
}

function checkTimeToLive(table: string, timeToLive: TimeToLive, deletions: Deletions): DoctorCheck {
  if (ttlIsOff(timeToLive) && deletions === 'all') {
    return { check: 'ttl', ok: true, says: `TTL is off on table ${quoted(table)}; --deletions all does not need it.` };
  }
  if (ttlIsOff(timeToLive)) {
    return {
      check: 'ttl',
      // As for `watch`: the stream may still hold what TTL deleted before it was switched off.
      ok: deletions === 'ttl',
      says: `TTL is off on table ${quoted(table)}, so it deletes nothing.`,
      remedy: 'Switch it on:',
      commands: [setupCommand(table)],
      ...(deletions !== 'ttl' && { code: 'TABLE' as const }),
    };
  }
  const attribute = quoted(timeToLive.attribute ?? '');
  return {
    check: 'ttl',
    ok: true,
    says: `TTL is ${timeToLive.status} on attribute ${attribute}, which must be a Number of epoch seconds.`,
  };
}

async function checkReading(context: DoctorContext, table: string, StreamArn: string): Promise<DoctorCheck> {
  const { streams, signal } = context;
  const read = await attempt('read', async () => {
    const { Shards } = await streams.describeStream({ StreamArn }, signal);
    const shard = Shards.at(-1);
    if (shard === undefined) return 'The stream can be described; it has no shard to read yet.';
    try {
      const { ShardId } = shard;
      const ShardIterator = await streams.getShardIterator({ StreamArn, ShardId, start: 'LATEST' }, signal);
      await streams.getRecords({ ShardIterator }, signal);
    } catch (error) {
      // The shard was trimmed meanwhile: the calls are permitted.
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND') && !hasCode(error, 'TRIMMED')) throw error;
    }
    return 'The stream can be read.';
  });
  if (isCheck(read)) return read;
  const remedy = (await mayListStreams(context, table)) ? {} : { remedy: LIST_REMEDY };
  return { check: 'read', ok: true, says: read, ...remedy };
}

/** False when AWS denies access. An emulator without this call does not count. */
async function mayListStreams({ streams, signal }: DoctorContext, table: string): Promise<boolean> {
  try {
    await streams.listStreams({ TableName: table }, signal);
  } catch (error) {
    if (hasCode(error, 'ACCESS_DENIED')) return false;
    if (!hasCode(error, 'VALIDATION') && !hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
  }
  return true;
}

/** The result of `work`, or a failed check when something does not exist or access is denied. */
async function attempt<T>(check: DoctorCheck['check'], work: () => Promise<T>): Promise<T | DoctorCheck> {
  try {
    return await work();
  } catch (error) {
    const about = ['TABLE_NOT_FOUND', 'STREAM_OR_SHARD_NOT_FOUND', 'ACCESS_DENIED', 'VALIDATION'];
    if (error instanceof TtlArchiveError && about.includes(error.code)) return failed(check, error);
    throw error;
  }
}

function failed(check: DoctorCheck['check'], { code, message, remedy, commands }: TtlArchiveError): DoctorCheck {
  return {
    check,
    ok: false,
    says: message,
    ...(remedy !== undefined && { remedy }),
    ...(commands.length > 0 && { commands }),
    code,
  };
}

function isCheck(found: object | string): found is DoctorCheck {
  return typeof found === 'object' && 'check' in found;
}
