import { TtlArchiveError } from '../errors.js';
import type { RunContext } from './run-context.js';
import { tableOf } from './table-stream.js';

/** What goes on without a list of the streams: the permission is missing, or an emulator does not know the call. */
const NO_LIST = new Set(['ACCESS_DENIED', 'VALIDATION', 'STREAM_OR_SHARD_NOT_FOUND']);

/**
 * Streams that came and went while nobody watched: made after the first one that the archive knows and before `latest`.
 * They stay readable for 24 hours, and DescribeTable does not speak of them. Only a new stream beside known ones is a
 * reason to ask.
 */
export async function streamsBetween(
  tools: RunContext,
  { known, latest }: { readonly known: ReadonlySet<string>; readonly latest: string },
): Promise<string[]> {
  const table = tableOf(latest);
  const [first] = [...known].filter((stream) => table !== undefined && tableOf(stream) === table).toSorted();
  if (table === undefined || first === undefined || known.has(latest)) return [];
  const TableName = table.slice(table.lastIndexOf('/') + 1);
  try {
    const listed = await listStreams(tools, TableName);
    // A server may pass over the filter; but what sorts between two of the table's ARNs is the table's, too.
    return listed.filter((stream) => !known.has(stream) && first < stream && stream < latest);
  } catch (error) {
    if (!(error instanceof TtlArchiveError && NO_LIST.has(error.code))) throw error;
    tools.log.warn(
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
    const ask = () => streams.listStreams({ TableName, ...start }, signal);
    const { Streams, LastEvaluatedStreamArn } = await retrier.attempt('ListStreams', ask, signal);
    const before = listed.size;
    for (const { StreamArn } of Streams) listed.add(StreamArn);
    // A server that pages in a circle must not keep us here for ever.
    const circles = LastEvaluatedStreamArn === start.ExclusiveStartStreamArn;
    if (LastEvaluatedStreamArn === undefined || circles || (Streams.length > 0 && listed.size === before)) break;
    start = { ExclusiveStartStreamArn: LastEvaluatedStreamArn };
  }
  return [...listed];
}
