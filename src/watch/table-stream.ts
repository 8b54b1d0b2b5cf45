import { hasCode, TtlArchiveError } from '../errors.js';
import type { JournalState, TablesClient } from '../ports/index.js';
import { createdAt } from '../shards/trusted-times.js';
import type { StreamCalls } from '../stream/reader-context.js';
import { findTable } from '../table/wait-for-table.js';

/** ARNs of a table's streams end in the time of their creation, so they sort as text. */
export function inOrderOfCreation(streams: Iterable<string>): string[] {
  return [...new Set(streams)].toSorted();
}

/** The table that a stream belongs to: the part of its ARN before `/stream/`; undefined where ARNs have another form. */
export function tableOf(StreamArn: string): string | undefined {
  return /^(.*:table\/[^/]+)\/stream\//.exec(StreamArn)?.[1];
}

/**
 * The last stream of the table that earlier runs knew. It may have children that no listing had shown when their parents
 * were read to their end; earlier streams were read to their end completely.
 */
export function lastKnownStream(state: JournalState, StreamArn: string): string[] {
  const known = [...state.checkpoints.keys()].filter((other) => tableOf(other) === tableOf(StreamArn));
  return known.toSorted().slice(-1);
}

/**
 * From when on the archive has to cover a stream that it does not know yet, in epoch milliseconds: from the stream's
 * creation when the archive knows an older one of the table, and so is older than the stream.
 */
export function promisedSince(state: JournalState, StreamArn: string): number | undefined {
  const known = [...state.checkpoints.keys()];
  if (!known.some((other) => tableOf(other) === tableOf(StreamArn) && other < StreamArn)) return undefined;
  return createdAt(StreamArn);
}

/** A text that sorts after all streams of this one's table. */
export function afterTheLast(StreamArn: string): string {
  return `${tableOf(StreamArn) ?? StreamArn}/stream/~`;
}

/** Streams of earlier runs with a shard whose end has not been read. */
export function unfinishedStreams(state: JournalState): string[] {
  return [...state.checkpoints]
    .filter(([, shards]) => [...shards.values()].some(({ position }) => position !== 'SHARD_END'))
    .map(([stream]) => stream);
}

/** Consecutive not-found answers about a stream that is not the table's own any more before they are believed. */
const MAX_NOT_FOUND_ANSWERS = 5;

/**
 * The calls of a streams client, except that a not-found answer about a stream is retried, since it may be a temporary
 * fault: always when the stream is the table's own and switched on, otherwise until it has come several times in a row.
 * DynamoDB Local, which does forget its streams, is believed at once.
 */
export function confirmStreamGone(streams: StreamCalls, tables: TablesClient, table: string): StreamCalls {
  let notFoundAnswers = 0;
  return {
    getShardIterator: (input, signal) => streams.getShardIterator(input, signal),
    getRecords: (input, signal, onNext, onSize) => streams.getRecords(input, signal, onNext, onSize),
    async describeStream(input, signal) {
      try {
        const description = await streams.describeStream(input, signal);
        notFoundAnswers = 0;
        return description;
      } catch (error) {
        if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
        const description = await findTable({ tables, signal }, table);
        const isOwn = description?.LatestStreamArn === input.StreamArn && description.stream.enabled;
        const isLocal = input.StreamArn.includes(':ddblocal:');
        if (!isOwn && (isLocal || ++notFoundAnswers >= MAX_NOT_FOUND_ANSWERS)) throw error;
        throw new TtlArchiveError('SERVICE', `DynamoDB Streams does not find a stream of the table ${table}.`, {
          remedy: 'Try again in a minute.',
          cause: error,
        });
      }
    },
  };
}
