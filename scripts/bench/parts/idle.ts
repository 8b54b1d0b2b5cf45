import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatPrice, monthlyPrice } from '../../../src/lib/price.js';
import { PROGRAMS, startMeasured, stop, type Usage, usageNow, watchArguments } from '../processes.js';
import { type Calls, type SimulatedStream, startSimulatedStream } from '../simulated-stream.js';
import type { BenchContext, Row } from '../types.js';

const HOUR_MS = 3_600_000;
const ONE = { shards: 1, latencyMs: 20 };
const TABLES = 50;
/** 1,000 shards in all. */
const MANY = { ...ONE, shards: 20, tables: TABLES };

/** `cpuMs` and `calls`, the GetRecords calls of all shards, are those while it was observed. */
interface Silence extends Usage {
  readonly calls: number;
}

/** GetRecords calls of idle shards once they have settled, and what they cost, beside a loop that polls every second. */
export async function idle({ quick, folder, tell }: BenchContext): Promise<Row[]> {
  // With --max-poll-interval 60s the pace takes this long to become the slowest.
  const settleMs = quick ? 40_000 : 180_000;
  const ms = quick ? 30_000 : 120_000;
  tell(`${(settleMs + ms) / 1000} s of silence`);
  const silence = (configuration: object, args: (stream: SimulatedStream) => string[]) =>
    observe(configuration, args, { settleMs, ms });
  const watching = (configuration: object, name: string, ...more: string[]) =>
    silence(configuration, ({ endpointUrl, TableNames }) =>
      watchArguments(endpointUrl, TableNames, join(folder, `idle-${name}`), more),
    );
  // All of this together needs less than a core, so that it can run at the same time.
  const [single, hundred, tables, slow, fixed] = await Promise.all([
    watching(ONE, '1'),
    watching({ ...ONE, shards: 100 }, '100'),
    watching(MANY, 'tables'),
    watching(MANY, 'slow', '--max-poll-interval', '60s'),
    silence(ONE, ({ endpointUrl, StreamArn, shards }) => [
      PROGRAMS.pollLoop,
      endpointUrl,
      StreamArn,
      '1000',
      ...shards,
    ]),
  ]);
  const calls = (measure: string, silent: Silence, shards: number): Row => {
    const perHour = (silent.calls / shards / ms) * HOUR_MS;
    const price = monthlyPrice(silent.calls, ms);
    return {
      part: 'idle',
      measure,
      unit: 'calls/h a shard',
      samples: [perHour],
      ratio: perHour / ((fixed.calls / ms) * HOUR_MS),
      baseline: '1-s poll',
      note: price === undefined ? '' : formatPrice(price),
    };
  };
  const atMost = (value: number) => ({ target: { is: 'at most', value, of: 'median' } as const });
  const ofTables = (measure: string, silent: Silence): Row[] => {
    const row = (what: string, unit: string, value: number): Row => {
      return { part: 'idle', measure: `${measure}: ${what}`, unit, samples: [value] };
    };
    return [
      calls(measure, silent, MANY.shards * TABLES),
      { ...row('peak RSS', 'MB', silent.peakMb), ...atMost(150) },
      row('RSS at the end', 'MB', silent.rssMb),
      row('CPU', '% of a core', (silent.cpuMs / ms) * 100),
    ];
  };
  return [
    { ...calls('watch, 1 shard', single, 1), ...atMost(720) },
    { ...calls('watch, 100 shards', hundred, 100), ...atMost(720) },
    calls('1-s poll, 1 shard', fixed, 1),
    ...ofTables(`watch, ${TABLES} tables, 1,000 shards`, tables),
    ...ofTables('the same with --max-poll-interval 60s', slow),
  ];
}

async function observe(
  configuration: object,
  args: (stream: SimulatedStream) => string[],
  { settleMs, ms }: { settleMs: number; ms: number },
): Promise<Silence> {
  const stream = await startSimulatedStream(configuration);
  const child = startMeasured(args(stream));
  await delay(settleMs);
  await stream.control({ command: 'stats', reset: true });
  const before = await usageNow(child);
  await delay(ms);
  const { getRecords } = await stream.control<Calls>({ command: 'stats' });
  const usage = await usageNow(child);
  await stop(child);
  await stream.stop();
  return { ...usage, calls: getRecords, cpuMs: usage.cpuMs - before.cpuMs };
}
