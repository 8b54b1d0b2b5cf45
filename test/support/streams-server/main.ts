/**
 * The simulated stream as a process of its own, for the bench and the soak:
 *
 *     tsx test/support/streams-server/main.ts '{"shards":100,"recordsPerShard":1000,"latencyMs":20}'
 *
 * Prints one line of JSON, {endpointUrl, TableName, StreamArn, shards, TableNames}, takes commands at POST /control (control.ts)
 * and ends when its stdin closes.
 */
import { startStreamsServer } from '../streams-server.js';
import { ttlDelete } from './change-records.js';
import { control } from './control.js';
import type { ModelSettings } from './model-types.js';
import { StreamModel } from './stream-model.js';

interface Configuration {
  readonly TableName?: string;
  /** Tables like the first one. They are named for it, with a number, and what is printed of them is their names. */
  readonly tables?: number;
  readonly region?: string;
  /** Of each table. */
  readonly shards?: number;
  readonly recordsPerShard?: number;
  readonly recordBytes?: number;
  /** Share of TTL deletions, 0 to 1. */
  readonly ttlShare?: number;
  readonly latencyMs?: number;
  /** TTL deletions put a second, shard by shard in turn; `putAt` of an item tells the epoch milliseconds. */
  readonly eventsPerSecond?: number;
  readonly port?: number;
  readonly settings?: Partial<ModelSettings>;
}

const configuration: Configuration = JSON.parse(process.argv[2] ?? '{}');
const {
  TableName = 'TTLTest',
  tables = 1,
  region,
  shards = 1,
  recordsPerShard = 0,
  latencyMs = 0,
  port,
} = configuration;
const { recordBytes: bytes = 600, ttlShare = 1, eventsPerSecond = 0, settings } = configuration;

const model = new StreamModel({ ...(region !== undefined && { region }), ...(settings && { settings }) });
const TableNames = Array.from({ length: tables }, (_, number) =>
  number === 0 ? TableName : `${TableName}-${number + 1}`,
);
const [stream] = TableNames.map((name) => model.createTable({ TableName: name, shards }));
if (recordsPerShard > 0) {
  for (const { ShardId } of model.shards) model.fill(ShardId, { count: recordsPerShard, bytes, ttlShare });
}
const server = await startStreamsServer({ model, latencyMs, control, ...(port !== undefined && { port }) });
const growing = eventsPerSecond > 0 ? setInterval(grow(), 1000 / Math.min(eventsPerSecond, 100)) : undefined;

process.stdin.resume();
process.stdin.once('close', () => {
  clearInterval(growing);
  void server.close();
});
console.log(JSON.stringify({ endpointUrl: server.endpointUrl, TableName, ...stream, TableNames }));

/** Puts as many records as the time since the last turn asks for. */
function grow(): () => void {
  const start = performance.now();
  let put = 0;
  return () => {
    const due = Math.floor(((performance.now() - start) / 1000) * eventsPerSecond);
    const open = model.shards.filter(({ closedAt }) => closedAt === undefined);
    for (; put < due; put += 1) {
      const shard = open[put % open.length];
      if (shard) model.put(shard.ShardId, ttlDelete(grownItem(put)));
    }
  };
}

function grownItem(number: number) {
  const now = Date.now();
  return {
    PK: { S: `grown-${String(number).padStart(12, '0')}` },
    ttl: { N: String(Math.floor(now / 1000) - 60) },
    putAt: { N: String(now) },
    data: { S: 'x'.repeat(Math.max(0, bytes - 480)) },
  };
}
