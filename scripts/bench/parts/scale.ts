import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archivedBy, type Finished, runToEnd, watchArguments } from '../processes.js';
import { type Calls, type SimulatedStream, startSimulatedStream } from '../simulated-stream.js';
import { median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

const LATENCY_MS = 20;
const CONCURRENCY = 32;

interface Load {
  readonly shards: number;
  readonly recordsPerShard: number;
}

interface Measured extends Finished {
  readonly records: number;
  readonly calls: number;
  /** CPU time of the simulated stream, which shares the machine. */
  readonly serverMs: number;
  /** Milliseconds that a call takes when nothing else is in flight: timers and HTTP add to LATENCY_MS. */
  readonly latencyMs: number;
}

/** Many shards at 20 ms a call; and ten times the records, which must not cost more each, nor more memory. */
export async function scale({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shards of quick ? [1, 10, 100, 1000] : [1, 10, 100, 1000, 10_000]) {
    const load = { shards, recordsPerShard: Math.max(10, (quick ? 50_000 : 100_000) / shards) };
    const samples = await measure(load, shards === 10_000 ? Math.min(runs, 3) : runs, folder);
    const ideal = samples.map((sample) => idealMs(sample, shards) / sample.ms);
    tell(`${shards} shards: ${samples.map(describe).join('; ')}`);
    const name = `${shards.toLocaleString('en-US')} shards`;
    rows.push(
      {
        part: 'scale',
        measure: `${name}: speed`,
        unit: 'records/s',
        samples: samples.map(({ records, ms }) => (records / ms) * 1000),
        ratio: median(ideal),
        baseline: 'concurrency ÷ latency, or one core',
        ...(shards >= 1000 && { target: { is: 'at least', value: 0.9, of: 'ratio' } as const }),
        note: `${median(samples.map(({ calls, ms }) => (calls / ms) * 1000)).toFixed(0)} calls/s of ${samples[0]?.latencyMs.toFixed(1)} ms`,
      },
      ...costs(name, samples),
    );
  }
  const loads: Load[] = [10_000, quick ? 40_000 : 100_000].map((recordsPerShard) => ({ shards: 10, recordsPerShard }));
  const cpu: number[] = [];
  for (const load of loads) {
    const samples = await measure(load, runs, folder);
    const [{ records } = { records: 0 }] = samples;
    tell(`${records} records: ${samples.map(describe).join('; ')}`);
    const [perRecord, memory] = costs(`${records.toLocaleString('en-US')} records`, samples);
    cpu.push(median(perRecord.samples));
    const compared = {
      ratio: median(perRecord.samples) / (cpu[0] ?? Number.NaN),
      baseline: '100,000 records',
      target: { is: 'at most', value: 1.1, of: 'ratio' },
    } as const;
    rows.push(cpu.length === 1 ? perRecord : { ...perRecord, ...compared }, memory);
  }
  const many = { shards: 1000, recordsPerShard: quick ? 200 : 1000 };
  const samples = await measure(many, 1, folder);
  tell(`1,000 shards, many records: ${samples.map(describe).join('; ')}`);
  const [perRecord, memory] = costs(
    `1,000 shards, ${(many.shards * many.recordsPerShard).toLocaleString('en-US')} records`,
    samples,
  );
  rows.push(perRecord, { ...memory, target: { is: 'at most', value: 180, of: 'median' } });
  return rows;
}

async function measure({ shards, recordsPerShard }: Load, runs: number, folder: string): Promise<Measured[]> {
  const stream = await startSimulatedStream({ shards, recordsPerShard, latencyMs: LATENCY_MS });
  const records = shards * recordsPerShard;
  const samples: Measured[] = [];
  try {
    const latencyMs = await latencyOf(stream);
    for (let run = 0; run < runs; run++) {
      const before = await stream.control<Calls>({ command: 'stats', reset: true });
      const out = join(folder, `scale-${run}`);
      const more = ['--once', '--layout', 'segments', '--concurrency', String(CONCURRENCY)];
      const args = watchArguments(stream.endpointUrl, stream.TableName, out, more);
      const finished = await runToEnd(process.execPath, args, { usage: true });
      if (archivedBy(finished) !== records)
        throw new Error(`${archivedBy(finished)} items of ${records} were archived.`);
      await rm(out, { recursive: true });
      const { calls, cpuMs } = await stream.control<Calls>({ command: 'stats', reset: true });
      samples.push({ ...finished, records, calls, serverMs: cpuMs - before.cpuMs, latencyMs });
    }
  } finally {
    await stream.stop();
  }
  return samples;
}

/** The least time that the calls take at this concurrency, or that the work takes on one core, whichever is longer. */
function idealMs({ calls, cpuMs, latencyMs }: Measured, shards: number): number {
  return Math.max((calls * latencyMs) / Math.min(CONCURRENCY, shards), cpuMs);
}

/** The median of some calls, one after the other, once the server's code is compiled. */
async function latencyOf({ endpointUrl, TableName }: SimulatedStream): Promise<number> {
  const samples: number[] = [];
  for (let call = 0; call < 100; call++) {
    const start = performance.now();
    const answer = await fetch(endpointUrl, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.DescribeTable' },
      body: JSON.stringify({ TableName }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.text();
    samples.push(performance.now() - start);
  }
  return median(samples.slice(50));
}

function costs(name: string, samples: readonly Measured[]): [Row, Row] {
  const perRecord = samples.map(({ cpuMs, records }) => (cpuMs / records) * 1000);
  return [
    { part: 'scale', measure: `${name}: CPU`, unit: 'µs/record', samples: perRecord },
    { part: 'scale', measure: `${name}: peak RSS`, unit: 'MB', samples: samples.map(({ peakMb }) => peakMb) },
  ];
}

function describe({ ms, cpuMs, peakMb, calls, serverMs }: Measured): string {
  return `${ms.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms (server ${serverMs.toFixed(0)}), ${calls} calls, ${peakMb.toFixed(0)} MB`;
}
