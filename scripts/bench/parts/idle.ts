import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatPrice, monthlyPrice } from '../../../src/lib/price.js';
import { PROGRAMS, start, stop, watchArguments } from '../processes.js';
import { type Calls, startSimulatedStream } from '../simulated-stream.js';
import type { BenchContext, Row } from '../types.js';

const HOUR_MS = 3_600_000;

/** GetRecords calls of idle shards once they have settled, and what they cost, beside a loop that polls every second. */
export async function idle({ quick, folder, tell }: BenchContext): Promise<Row[]> {
  const settleMs = quick ? 40_000 : 60_000;
  const ms = quick ? 30_000 : 120_000;
  tell(`${(settleMs + ms) / 1000} s of silence`);
  const one = { shards: 1, latencyMs: 20 };
  // Nothing of this needs a core, so the three run at the same time.
  const [single, hundred, fixed] = await Promise.all([
    silence(one, settleMs, ms, ({ endpointUrl, TableName }) =>
      watchArguments(endpointUrl, TableName, join(folder, 'idle-1'), []),
    ),
    silence({ ...one, shards: 100 }, settleMs, ms, ({ endpointUrl, TableName }) =>
      watchArguments(endpointUrl, TableName, join(folder, 'idle-100'), []),
    ),
    silence(one, settleMs, ms, ({ endpointUrl, StreamArn, shards }) => [
      PROGRAMS.pollLoop,
      endpointUrl,
      StreamArn,
      '1000',
      ...shards,
    ]),
  ]);
  const row = (measure: string, calls: number, shards: number): Row => {
    const perHour = (calls / shards / ms) * HOUR_MS;
    const price = monthlyPrice(calls, ms);
    return {
      part: 'idle',
      measure,
      unit: 'calls/h a shard',
      samples: [perHour],
      ratio: perHour / ((fixed / ms) * HOUR_MS),
      baseline: '1-s poll',
      note: price === undefined ? '' : formatPrice(price),
    };
  };
  const target = { is: 'at most', value: 720, of: 'median' } as const;
  return [
    { ...row('watch, 1 shard', single, 1), target },
    { ...row('watch, 100 shards', hundred, 100), target },
    row('1-s poll, 1 shard', fixed, 1),
  ];
}

async function silence(
  configuration: object,
  settleMs: number,
  ms: number,
  args: (stream: Awaited<ReturnType<typeof startSimulatedStream>>) => string[],
): Promise<number> {
  const stream = await startSimulatedStream(configuration);
  const child = start(process.execPath, args(stream));
  child.stdout?.resume();
  await delay(settleMs);
  await stream.control({ command: 'stats', reset: true });
  await delay(ms);
  const { getRecords } = await stream.control<Calls>({ command: 'stats' });
  await stop(child);
  await stream.stop();
  return getRecords;
}
