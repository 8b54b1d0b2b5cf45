import { TtlArchiveError } from '../errors.js';
import type { RunContext } from './run-context.js';
import { tableOf } from './table-stream.js';

/** Errors without which a run goes on: the permission is missing, or an emulator does not support the call. */
const NOT_LISTED = new Set(['ACCESS_DENIED', 'VALIDATION', 'STREAM_OR_SHARD_NOT_FOUND']);

/**
 * Streams that came and went while no run watched: created after the first one that the archive knows and before
 * `latest`. They stay readable for 24 hours, and DescribeTable does not show them. They are listed only when `latest` is
 * new and others are known.
 */
export async function streamsBetween(
  context: RunContext,
  { known, latest }: { readonly known: ReadonlySet<string>; readonly latest: string },
): Promise<string[]> {
  const table = tableOf(latest);
  const [first] = [...known].filter((stream) => table !== undefined && tableOf(stream) === table).toSorted();
  if (table === undefined || first === undefined || known.has(latest)) return [];
  const TableName = table.slice(table.lastIndexOf('/') + 1);
  try {
    const listed = await listStreams(context, TableName);
    // A server may ignore the filter; but what sorts between two of the table's ARNs is the table's, too.
    return listed.filter((stream) => !known.has(stream) && first < stream && stream < latest);
  } catch (error) {
    if (!(error instanceof TtlArchiveError && NOT_LISTED.has(error.code))) throw error;
    context.log.warn(
      { event: 'streams.not-listed', TableName, reason: error.message },
      'streams that came and went in between are not read, and what TTL deleted meanwhile may be missing: allow dynamodb:ListStreams',
    );
    return [];
  }
}

async function listStreams({ streams, retrier, signal }: RunContext, TableName: string): Promise<string[]> {
  const listed = new Set<string>();
  let start: { ExclusiveStartStreamArn?: string } = {};
  for (;;) {
    const list = () => streams.listStreams({ TableName, ...start }, signal);
    const { Streams, LastEvaluatedStreamArn } = await retrier.attempt('ListStreams', list, signal);
    const before = listed.size;
    for (const { StreamArn } of Streams) listed.add(StreamArn);
    // The pages of a faulty server may form a circle.
    const circles = LastEvaluatedStreamArn === start.ExclusiveStartStreamArn;
    if (LastEvaluatedStreamArn === undefined || circles || (Streams.length > 0 && listed.size === before)) break;
    start = { ExclusiveStartStreamArn: LastEvaluatedStreamArn };
  }
  return [...listed];
}
