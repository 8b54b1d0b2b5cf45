import { hasCode, TtlArchiveError } from '../errors.js';
import { tableNameOf } from '../lib/table-arn.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import type { Destination } from './destination.js';
import { ignoreAbort } from './ignore-abort.js';
import type { WatchRunOptions } from './options.js';
import type { RunContext } from './run-context.js';
import type { Source } from './source.js';
import { unfinishedStreams } from './table-stream.js';

interface SourceOptions extends Pick<WatchRunOptions, 'table' | 'deletions'> {
  readonly known: Destination['known'];
}

/**
 * The table's stream. When there is no such table, a stream of it that an earlier run has not read to its end: it stays
 * readable for 24 hours. Undefined when the signal aborts. Throws TABLE or TABLE_NOT_FOUND when nothing can be read.
 */
export async function resolveStream(context: RunContext, options: SourceOptions): Promise<Source | undefined> {
  return ignoreAbort(
    context.signal,
    sourceOfTable(context, options).catch(async (error: unknown) => {
      const left = hasCode(error, 'TABLE_NOT_FOUND') ? await sourceLeftOver(context, options) : undefined;
      if (left === undefined) throw error;
      return left;
    }),
  );
}

async function sourceOfTable(
  { tables, log, retrier, signal }: RunContext,
  { table, deletions }: SourceOptions,
): Promise<Source> {
  const describe = () =>
    Promise.all([
      retrier.recordResponse(tables.describeTable(table, signal)),
      retrier.recordResponse(tables.describeTimeToLive(table, signal)),
    ]);
  const [description, ttl] = await retrier.attempt('DescribeTable', describe, signal);
  const reason = whyNotArchivable(description, ttl, deletions);
  if (reason !== undefined) throw reason;
  if (ttl.attribute === undefined) {
    const message = 'TTL is off: nothing is deleted by TTL until it is switched on';
    log.warn({ event: 'ttl.disabled', TableName: table }, message);
  }
  const { TableName, keySchema, LatestStreamArn: StreamArn = '' } = description;
  return { TableName, keySchema, StreamArn, tableIsGone: false, ttlAttribute: ttl.attribute };
}

async function sourceLeftOver(
  context: RunContext,
  { table, deletions, known }: SourceOptions,
): Promise<Source | undefined> {
  const { facts, state } = (await known()) ?? {};
  const TableName = tableNameOf(table);
  if (state === undefined || facts?.table !== TableName) return undefined;
  const { ttlAttribute } = facts;
  if (deletions === 'inferred' && ttlAttribute === undefined) return undefined;
  for (const StreamArn of unfinishedStreams(state)) {
    if (!(await isReadable(context, StreamArn))) continue;
    const message = 'there is no such table any more: reading what its stream still holds';
    context.log.warn({ event: 'table.not-found', TableName, StreamArn }, message);
    return { TableName, keySchema: facts.keySchema, StreamArn, tableIsGone: true, ttlAttribute };
  }
  return undefined;
}

/** False proves nothing: this may be another region or account than the archive's. */
async function isReadable({ streams, retrier, signal }: RunContext, StreamArn: string): Promise<boolean> {
  try {
    await retrier.attempt('DescribeStream', () => streams.describeStream({ StreamArn }, signal), signal);
    return true;
  } catch (error) {
    const notReadable = ['STREAM_OR_SHARD_NOT_FOUND', 'VALIDATION', 'ACCESS_DENIED'];
    if (error instanceof TtlArchiveError && notReadable.includes(error.code)) return false;
    throw error;
  }
}
