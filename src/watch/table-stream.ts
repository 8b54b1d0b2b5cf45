import { hasCode, TtlArchiveError } from '../errors.js';
import type { JournalState, StreamsClient, TablesClient } from '../ports/index.js';
import { createdAt } from '../shards/trusted-times.js';
import { findTable } from '../table/wait-for-table.js';

/** ARNs of a table's streams end in the time at which they were made, so text order is their order. */
export function inOrderOfCreation(streams: Iterable<string>): string[] {
  return [...new Set(streams)].toSorted();
}

/** The table that a stream belongs to: the part of its ARN before `/stream/`; undefined where ARNs have another form. */
export function tableOf(StreamArn: string): string | undefined {
  return /^(.*:table\/[^/]+)\/stream\//.exec(StreamArn)?.[1];
}

/**
 * The last stream of the table that earlier runs knew. It may have got shards that no listing had shown when those before
 * them were read to their end; streams before it were read to their end in all.
 */
export function lastKnownStream(state: JournalState, StreamArn: string): string[] {
  const known = [...state.checkpoints.keys()].filter((other) => tableOf(other) === tableOf(StreamArn));
  return known.toSorted().slice(-1);
}

/**
 * From when on the archive promises a stream that it does not know yet, in epoch milliseconds: from the stream's creation
 * when the archive knows an older one of the table, for then it was begun before that.
 */
export function promisedSince(state: JournalState, StreamArn: string): number | undefined {
  const known = [...state.checkpoints.keys()];
  if (!known.some((other) => tableOf(other) === tableOf(StreamArn) && other < StreamArn)) return undefined;
  return createdAt(StreamArn);
}

/** What sorts after every stream of the table that this one belongs to. */
export function afterTheLast(StreamArn: string): string {
  return `${tableOf(StreamArn) ?? StreamArn}/stream/~`;
}

/** Streams of earlier runs with a shard whose end has not been read. */
export function unfinishedStreams(state: JournalState): string[] {
  return [...state.checkpoints]
    .filter(([, shards]) => [...shards.values()].some(({ position }) => position !== 'SHARD_END'))
    .map(([stream]) => stream);
}

/** A stream that is not the table's own any more has to be said to be missing so often before that is believed. */
const MOST_DENIALS = 5;

/**
 * The streams client, but a stream that is the table's own and switched on is never said to be missing, and another one
 * only again and again: such an answer may be a fault of the moment, to be tried again, and not the end of the stream.
 * DynamoDB Local, which does forget its streams, is taken at its word.
 */
export function confirmStreamGone(streams: StreamsClient, tables: TablesClient, table: string): StreamsClient {
  let denials = 0;
  return {
    get getRecordsCalls() {
      return streams.getRecordsCalls;
    },
    getShardIterator: (input, signal) => streams.getShardIterator(input, signal),
    getRecords: (input, signal, onNext, onSize) => streams.getRecords(input, signal, onNext, onSize),
    listStreams: (input, signal) => streams.listStreams(input, signal),
    close: () => streams.close(),
    async describeStream(input, signal) {
      try {
        const description = await streams.describeStream(input, signal);
        denials = 0;
        return description;
      } catch (error) {
        if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
        const description = await findTable({ tables, signal }, table);
        const isOwn = description?.LatestStreamArn === input.StreamArn && description.stream.enabled;
        if (!isOwn && (input.StreamArn.includes(':ddblocal:') || ++denials >= MOST_DENIALS)) throw error;
        throw new TtlArchiveError('SERVICE', `DynamoDB Streams does not find a stream of the table ${table}.`, {
          remedy: 'Try again in a minute.',
          cause: error,
        });
      }
    },
  };
}
