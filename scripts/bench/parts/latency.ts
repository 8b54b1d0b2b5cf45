import { watch as watchFolder } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { PROGRAMS, start, stop, watchArguments } from '../processes.js';
import { type Calls, type SimulatedStream, startSimulatedStream } from '../simulated-stream.js';
import { interleave, median, percentile } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

interface Sample {
  readonly p50: number;
  readonly p99: number;
  readonly callsPerSecond: number;
}

const WARM_UP_MS = 3_000;

/** From the record in the stream to the file in the folder at 10 events a second, beside a loop that polls every second. */
export async function latency({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const ms = quick ? 10_000 : 20_000;
  const stream = await startSimulatedStream({ shards: 1, latencyMs: 20, eventsPerSecond: 10 });
  try {
    const samples = await interleave(
      runs,
      {
        watch: (run) => watchSample(stream, join(folder, `latency-${run}`), ms),
        poll: () => pollSample(stream, ms),
      },
      (name, { p50, p99 }) => tell(`${name} p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`),
    );
    const row = (measure: string, unit: string, pick: (sample: Sample) => number, most: number): Row => {
      const own = samples.watch.map(pick);
      return {
        part: 'latency',
        measure,
        unit,
        samples: own,
        ratio: median(own) / median(samples.poll.map(pick)),
        baseline: '1-s poll that writes nothing',
        target: { is: 'at most', value: most, of: 'median' },
      };
    };
    return [
      row('record → file, p50', 'ms', ({ p50 }) => p50, 300),
      row('record → file, p99', 'ms', ({ p99 }) => p99, 700),
      row('GetRecords calls', 'a second', ({ callsPerSecond }) => callsPerSecond, 4),
    ];
  } finally {
    await stream.stop();
  }
}

async function watchSample(
  { endpointUrl, TableName, control }: SimulatedStream,
  out: string,
  ms: number,
): Promise<Sample> {
  await mkdir(out, { recursive: true });
  const seen = new Map<string, number>();
  const watcher = watchFolder(out, (_, name) => {
    if (name?.endsWith('.json') && !seen.has(name)) seen.set(name, Date.now());
  });
  const child = start(process.execPath, watchArguments(endpointUrl, TableName, out, ['--from', 'latest', '--json']));
  child.stdout?.resume();
  await delay(WARM_UP_MS);
  seen.clear();
  await control({ command: 'stats', reset: true });
  await delay(ms);
  const { getRecords } = await control<Calls>({ command: 'stats' });
  watcher.close();
  await stop(child);
  const latencies: number[] = [];
  for (const [name, at] of seen) {
    const item: { putAt: { N: string } } = JSON.parse(await readFile(join(out, name), 'utf8'));
    latencies.push(at - Number(item.putAt.N));
  }
  await rm(out, { recursive: true });
  return summary(latencies, getRecords, ms);
}

async function pollSample({ endpointUrl, StreamArn, shards, control }: SimulatedStream, ms: number): Promise<Sample> {
  const child = start(process.execPath, [PROGRAMS.pollLoop, endpointUrl, StreamArn, '1000', ...shards]);
  if (child.stdout === null) throw new TypeError('The process has no stdout.');
  let latencies: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => latencies.push(Number(line)));
  await delay(WARM_UP_MS);
  latencies = [];
  await control({ command: 'stats', reset: true });
  await delay(ms);
  const { getRecords } = await control<Calls>({ command: 'stats' });
  const taken = latencies;
  await stop(child);
  return summary(taken, getRecords, ms);
}

function summary(latencies: readonly number[], getRecords: number, ms: number): Sample {
  return {
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    callsPerSecond: (getRecords / ms) * 1000,
  };
}
