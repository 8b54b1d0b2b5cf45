import { stateFolder } from '../archive/layout.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import { tableNameOf } from '../lib/table-arn.js';
import type { Deletions, KeyAttribute } from '../ports/index.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import { ignoreAbort } from './ignore-abort.js';
import type { RunContext } from './run-context.js';
import { unfinishedStreams } from './table-stream.js';

/** What there is to read when a run starts. */
export interface Source {
  /** As DescribeTable gives it, which also takes an ARN. */
  readonly TableName: string;
  /** The table's LatestStreamArn, or, when the table is gone, a stream of earlier runs that can still be read. */
  readonly StreamArn: string;
  readonly tableIsGone: boolean;
  readonly ttlAttribute: string | undefined;
  readonly keySchema: readonly KeyAttribute[] | undefined;
}

interface SourceOptions {
  readonly table: string;
  readonly out: string;
  readonly deletions: Deletions;
}

/**
 * The table's stream. When there is no such table, a stream of it that an earlier run has not read to its end: it stays
 * readable for 24 hours. Undefined when the signal came first. Throws TABLE or TABLE_NOT_FOUND when nothing can be read.
 */
export async function resolveStream(tools: RunContext, options: SourceOptions): Promise<Source | undefined> {
  return ignoreAbort(
    tools.signal,
    sourceOfTable(tools, options).catch(async (error: unknown) => {
      const left = hasCode(error, 'TABLE_NOT_FOUND') ? await sourceLeftOver(tools, options) : undefined;
      if (left === undefined) throw error;
      return left;
    }),
  );
}

async function sourceOfTable(
  { tables, log, retrier, signal }: RunContext,
  { table, deletions }: SourceOptions,
): Promise<Source> {
  const ask = () =>
    Promise.all([
      retrier.recordResponse(tables.describeTable(table, signal)),
      retrier.recordResponse(tables.describeTimeToLive(table, signal)),
    ]);
  const [description, ttl] = await retrier.attempt('DescribeTable', ask, signal);
  const reason = whyNotArchivable(description, ttl, deletions);
  if (reason !== undefined) throw reason;
  if (ttl.attribute === undefined) {
    log.warn(
      { event: 'ttl.disabled', TableName: table },
      'TTL is off: nothing is deleted by TTL until it is switched on',
    );
  }
  const { TableName, keySchema, LatestStreamArn: StreamArn = '' } = description;
  return { TableName, keySchema, StreamArn, tableIsGone: false, ttlAttribute: ttl.attribute };
}

/** Looks without touching the folder: of a table that never was there is no archive, and none is made. */
async function sourceLeftOver(
  tools: RunContext,
  { table, out, deletions }: SourceOptions,
): Promise<Source | undefined> {
  const directory = stateFolder(out);
  const facts = await readArchiveFile(tools, directory);
  const TableName = tableNameOf(table);
  if (facts?.table !== TableName) return undefined;
  const { ttlAttribute } = facts;
  if (deletions === 'inferred' && ttlAttribute === undefined) return undefined;
  const { state } = await openJournal(tools, { directory, readOnly: true });
  for (const StreamArn of unfinishedStreams(state)) {
    if (!(await isReadable(tools, StreamArn))) continue;
    tools.log.warn(
      { event: 'table.not-found', TableName, StreamArn },
      'there is no such table any more: reading what its stream still holds',
    );
    return { TableName, keySchema: facts.keySchema, StreamArn, tableIsGone: true, ttlAttribute };
  }
  return undefined;
}

/** A stream that is not found proves nothing: this may be another region or account than the archive's. */
async function isReadable({ streams, retrier, signal }: RunContext, StreamArn: string): Promise<boolean> {
  try {
    await retrier.attempt('DescribeStream', () => streams.describeStream({ StreamArn }, signal), signal);
    return true;
  } catch (error) {
    const no = ['STREAM_OR_SHARD_NOT_FOUND', 'VALIDATION', 'ACCESS_DENIED'];
    if (error instanceof TtlArchiveError && no.includes(error.code)) return false;
    throw error;
  }
}
