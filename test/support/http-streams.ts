import { createStreamsClient } from '../../src/aws/streams-client.js';
import { createTablesClient } from '../../src/aws/tables-client.js';
import type { InProcessClients } from './in-process-streams.js';
import { type FaultPlan, type StreamModel, startStreamsServer } from './streams-server.js';

interface HttpRun {
  readonly faults: FaultPlan;
  readonly onCall: () => void;
  readonly onDate: (date: string) => void;
}

/** The simulated stream behind the real SDK clients, which outlive the runs of watch that they are given to. */
export interface HttpStreams {
  /** A call is under way: a simulated clock has to stand still. */
  isBusy(): boolean;
  /** `onCall` is called for calls to DynamoDB Streams alone, and only they get faults. */
  clients(run: HttpRun): InProcessClients;
  close(): Promise<void>;
}

export async function openHttpStreams(model: StreamModel): Promise<HttpStreams> {
  const server = await startStreamsServer({ model });
  const connection = { endpointUrl: server.endpointUrl, region: 'us-east-1' };
  let hear: (date: string) => void = () => undefined;
  const onDate = (date: string) => hear(date);
  const streams = createStreamsClient(connection, { onDate });
  const tables = createTablesClient(connection, { onDate });
  let inFlight = 0;
  const counted = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      inFlight++;
      try {
        return await call(...args);
      } finally {
        inFlight--;
      }
    };
  };
  const clients: InProcessClients = {
    streams: {
      get getRecordsCalls() {
        return streams.getRecordsCalls;
      },
      describeStream: counted((input, signal) => streams.describeStream(input, signal)),
      getShardIterator: counted((input, signal) => streams.getShardIterator(input, signal)),
      getRecords: counted((...call) => streams.getRecords(...call)),
      listStreams: counted((input, signal) => streams.listStreams(input, signal)),
      close: () => undefined,
    },
    tables: {
      ...tables,
      describeTable: counted((name, signal) => tables.describeTable(name, signal)),
      describeTimeToLive: counted((name, signal) => tables.describeTimeToLive(name, signal)),
      close: () => undefined,
    },
  };
  return {
    isBusy: () => inFlight > 0,
    clients({ faults, onCall, onDate: told }) {
      hear = told;
      server.faults = (call) => {
        if (call.operation.startsWith('DescribeT')) return undefined;
        onCall();
        return faults(call);
      };
      return clients;
    },
    async close() {
      streams.close();
      tables.close();
      await server.close();
    },
  };
}
