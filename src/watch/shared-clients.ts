import { createPacer } from '../lib/pacer.js';
import type { Clock, StreamsClient, TablesClient } from '../ports/index.js';

/** Calls a second, over all tables. DescribeStream allows 10 for an account and region (API_streams_DescribeStream). */
const CALLS_A_SECOND = 8;

interface Clients {
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
}

/**
 * Clients for many tables: each table gets its own view of one pair, which shares the connections and counts its own
 * GetRecords calls. Of the calls that AWS limits for the whole account, so many a second are sent, in the order in which
 * they were asked for; as a table asks for one at a time, they take turns.
 */
export function shareClients({ streams, tables }: Clients, clock: Clock): () => Clients {
  const describeStreamTurn = createPacer(CALLS_A_SECOND, clock);
  const tablesTurn = createPacer(CALLS_A_SECOND, clock);

  function paced<I, R>(turn: typeof tablesTurn, call: (input: I, signal?: AbortSignal) => Promise<R>) {
    return async (input: I, signal?: AbortSignal): Promise<R> => {
      await turn(signal);
      signal?.throwIfAborted();
      return call(input, signal);
    };
  }

  const pacedTables: TablesClient = {
    ...tables,
    describeTable: paced(tablesTurn, (input, signal) => tables.describeTable(input, signal)),
    describeTimeToLive: paced(tablesTurn, (input, signal) => tables.describeTimeToLive(input, signal)),
    listTables: paced(tablesTurn, (input, signal) => tables.listTables(input, signal)),
    listTagsOfResource: paced(tablesTurn, (input, signal) => tables.listTagsOfResource(input, signal)),
    close: () => undefined,
  };
  const describeStream: StreamsClient['describeStream'] = paced(describeStreamTurn, (input, signal) =>
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
