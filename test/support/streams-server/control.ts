import type { WireItem } from '../../../src/ports/index.js';
import type { StreamsServer } from '../streams-server.js';
import { insert, manualDelete, ttlDelete, unknownEvent } from './change-records.js';
import { type FaultName, PASSING_FAULTS, randomFaults, seededRandom } from './faults.js';
import type { ModelSettings } from './model-types.js';

/** A command of `POST /control`: its name and the members that it needs. */
interface Command {
  readonly command: string;
  readonly ShardId?: string;
  readonly TableName?: string;
  readonly kind?: keyof typeof CHANGES;
  readonly items?: readonly WireItem[];
  readonly count?: number;
  readonly bytes?: number;
  readonly ttlShare?: number;
  readonly children?: 1 | 2;
  readonly ms?: number;
  readonly probability?: number;
  readonly kinds?: readonly FaultName[];
  readonly seed?: number;
  readonly settings?: Partial<ModelSettings>;
  readonly operation?: string;
  readonly reset?: boolean;
}

type Handler = (command: Command, server: StreamsServer) => unknown;

const CHANGES = { ttlDelete, manualDelete, insert, unknownEvent };

const HANDLERS: Readonly<Record<string, Handler>> = {
  /** {ShardId, kind?: ttlDelete | manualDelete | insert | unknownEvent, items: [item, …]} → the put records */
  put: ({ ShardId = '', kind = 'ttlDelete', items = [] }, { model }) =>
    model.put(ShardId, ...items.map((item) => CHANGES[kind](item))),
  /** {ShardId, count, bytes?, ttlShare?} */
  fill: ({ ShardId = '', count = 1, bytes = 600, ttlShare = 1 }, { model }) =>
    model.fill(ShardId, { count, bytes, ttlShare }),
  /** {ShardId, children?} → the children's ShardIds */
  split: ({ ShardId = '', children = 2 }, { model }) => model.split(ShardId, { children }),
  /** {ShardId} */
  close: ({ ShardId = '' }, { model }) => model.close(ShardId),
  removeShard: ({ ShardId = '' }, { model }) => model.removeShard(ShardId),
  /** {ms} */
  trimByAge: ({ ms = 86_400_000 }, { model }) => model.trimByAge(ms),
  expireIterators: (_command, { model }) => model.expireIterators(),
  /** {TableName} */
  disableStream: ({ TableName = '' }, { model }) => model.disableStream(TableName),
  enableStream: ({ TableName = '' }, { model }) => model.enableStream(TableName),
  /** {probability, kinds?: [name, …], seed?}; probability 0 switches faults off */
  faults: ({ probability = 0, kinds = PASSING_FAULTS, seed = 1 }, server) => {
    server.faults = randomFaults({ probability, random: seededRandom(seed), kinds });
  },
  /** {ms} */
  latency: ({ ms = 0 }, server) => {
    server.latencyMs = ms;
  },
  /** {settings}: members of ModelSettings */
  settings: ({ settings }, { model }) => Object.assign(model.settings, settings),
  /** All shards that are not removed, with the number of their records. */
  shards: (_command, { model }) =>
    model.shards
      .filter((shard) => !shard.removed)
      .map(({ ShardId, closedAt, log, trimmed }) => ({
        ShardId,
        open: closedAt === undefined,
        records: log.length,
        trimmed,
      })),
  /** Calls and CPU time so far; {reset: true} begins anew. */
  stats: ({ reset }, { calls, model }) => {
    const { user, system } = process.cpuUsage();
    const stats = {
      calls: calls.total,
      getRecords: calls.count('GetRecords'),
      describeStream: calls.count('DescribeStream'),
      getShardIterator: calls.count('GetShardIterator'),
      inFlight: calls.inFlight,
      maxInFlight: calls.maxInFlight,
      records: model.shards.reduce((sum, { log }) => sum + log.length, 0),
      cpuMs: (user + system) / 1000,
    };
    if (reset === true) calls.reset();
    return stats;
  },
  /** {operation, ShardId?} → epoch milliseconds of each call */
  times: ({ operation = '', ShardId }, { calls }) => calls.times(operation, ShardId),
};

/** Carries out the command in a request's body. Throws for an unknown one. */
export function control(body: string, server: StreamsServer): unknown {
  const command: Command = JSON.parse(body);
  const handler = HANDLERS[command.command];
  if (handler === undefined) throw new Error(`The command ${command.command} is unknown.`);
  return handler(command, server);
}
