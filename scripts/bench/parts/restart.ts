import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd, start, stop, watchArguments } from '../processes.js';
import { type SimulatedStream, startSimulatedStream } from '../simulated-stream.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

const SHARDS = 10;
const SEGMENTS = ['--layout', 'segments'];

/** From the start to the first new record, with 100,000 records archived before, beside an empty archive. */
export async function restart({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const old = quick ? 20_000 : 100_000;
  const [full, empty] = await Promise.all([
    startSimulatedStream({ shards: SHARDS, recordsPerShard: old / SHARDS }),
    startSimulatedStream({ shards: SHARDS }),
  ]);
  try {
    const pristine = join(folder, 'restart');
    await runToEnd(
      process.execPath,
      watchArguments(full.endpointUrl, full.TableName, pristine, ['--once', ...SEGMENTS]),
    );
    tell(`${old} records are archived`);
    const copied = async (run: number, prepare: (out: string) => Promise<void>) => {
      const out = join(folder, `restart-${run}`);
      await cp(pristine, out, { recursive: true });
      await prepare(out);
      return firstRecord(full, out);
    };
    const samples = await interleave(
      runs,
      {
        empty: (run) => firstRecord(empty, join(folder, `restart-${run}`)),
        full: (run) => copied(run, async () => undefined),
        killed: (run) => copied(run, (out) => rm(join(out, '.ttl-archive', 'checkpoints.json'))),
      },
      (name, ms) => tell(`${name} ${ms.toFixed(0)} ms`),
    );
    const row = (measure: string, own: readonly number[]) => ({
      part: 'restart',
      measure,
      unit: 'ms',
      samples: own,
      ratio: median(own) / median(samples.empty),
      baseline: 'empty archive',
    });
    return [
      { ...row('first record after the old ones', samples.full), target: { is: 'at most', value: 1.2, of: 'ratio' } },
      { ...row('the same without the snapshot', samples.killed), note: 'the whole journal is read' },
      row('first record, empty archive', samples.empty),
    ];
  } finally {
    await Promise.all([full.stop(), empty.stop()]);
  }
}

async function firstRecord({ endpointUrl, TableName, shards, control }: SimulatedStream, out: string): Promise<number> {
  const PK = { S: `new-${process.hrtime.bigint()}` };
  const item = { PK, ttl: { N: String(Math.floor(Date.now() / 1000) - 60) } };
  await control({ command: 'put', ShardId: shards[0], items: [item] });
  const begun = performance.now();
  const child = start(process.execPath, watchArguments(endpointUrl, TableName, out, SEGMENTS));
  if (child.stdout === null) throw new TypeError('The process has no stdout.');
  await once(child.stdout, 'data');
  const ms = performance.now() - begun;
  child.stdout.resume();
  await stop(child);
  await rm(out, { recursive: true });
  return ms;
}
