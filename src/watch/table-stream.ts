import { hasCode, TtlArchiveError } from '../errors.js';
import type { StreamsClient, TablesClient } from '../ports.js';
import { findTable } from '../table/wait-for-table.js';

/** ARNs of a table's streams end in the time at which they were made, so text order is their order. */
export function inOrderOfCreation(streams: Iterable<string>): string[] {
  return [...new Set(streams)].toSorted();
}

/**
 * The streams client, but a stream that is the table's own and switched on is never said to be missing: such an answer
 * is a fault of the moment, to be tried again, and not the end of the stream.
 */
export function trustingTheTable(streams: StreamsClient, tables: TablesClient, table: string): StreamsClient {
  return {
    get getRecordsCalls() {
      return streams.getRecordsCalls;
    },
    getShardIterator: (input, signal) => streams.getShardIterator(input, signal),
    getRecords: (input, signal, onNext) => streams.getRecords(input, signal, onNext),
    close: () => streams.close(),
    async describeStream(input, signal) {
      try {
        return await streams.describeStream(input, signal);
      } catch (error) {
        if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
        const description = await findTable({ tables, signal }, table);
        if (description?.LatestStreamArn !== input.StreamArn || !description.stream.enabled) throw error;
        throw new TtlArchiveError('SERVICE', `DynamoDB Streams does not find the stream of the table ${table}.`, {
          remedy: 'Try again in a minute.',
          cause: error,
        });
      }
    },
  };
}
