import { createPacer } from '../lib/pacer.js';
import type { Clock, StreamsClient, TablesClient } from '../ports/index.js';

/** Calls a second, over all tables. DescribeStream allows 10 for an account and region (API_streams_DescribeStream). */
const CALLS_A_SECOND = 7;
/** Calls that are sent at once after a pause, so that a few tables start without a delay: with them it is 10 in that second. */
const AT_ONCE = 3;

interface Clients {
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
}

/**
 * Clients for many tables: each table gets its own view of one pair, which shares the connections and counts its own
 * GetRecords calls. Of each operation that AWS limits for the whole account, so many calls a second are sent, in the order in
 * which they were asked for; as a table asks for one at a time, they take turns.
 */
export function shareClients({ streams, tables }: Clients, clock: Clock): () => Clients {
  const turns = () => createPacer(CALLS_A_SECOND, clock, AT_ONCE);

  function paced<I, R>(call: (input: I, signal?: AbortSignal) => Promise<R>) {
    const turn = turns();
    return async (input: I, signal?: AbortSignal): Promise<R> => {
      await turn(signal);
      signal?.throwIfAborted();
      return call(input, signal);
    };
  }

  const pacedTables: TablesClient = {
    ...tables,
    describeTable: paced((input, signal) => tables.describeTable(input, signal)),
    describeTimeToLive: paced((input, signal) => tables.describeTimeToLive(input, signal)),
    listTables: paced((input, signal) => tables.listTables(input, signal)),
    listTagsOfResource: paced((input, signal) => tables.listTagsOfResource(input, signal)),
    close: () => undefined,
  };
  const describeStream: StreamsClient['describeStream'] = paced((input, signal) =>
    streams.describeStream(input, signal),
  );

  return () => {
    let getRecordsCalls = 0;
    return {
      tables: pacedTables,
      streams: {
        describeStream,
        getShardIterator: (...args) => streams.getShardIterator(...args),
        getRecords: (...args) => {
          getRecordsCalls++;
          return streams.getRecords(...args);
        },
        listStreams: (...args) => streams.listStreams(...args),
        get getRecordsCalls() {
          return getRecordsCalls;
        },
        get isLoopback() {
          return streams.isLoopback;
        },
        close: () => undefined,
      },
    };
  };
}
