import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FilledTables, startFilledTables } from '../filled-tables.js';
import { archivedBy, BIN, type Finished, PROGRAMS, runToEnd, watchArguments } from '../processes.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

const PACKAGE = 'dynamodb-streams-readable';
/** The slow one reads this part of the records. */
const SLOW = 10;
const BASELINES = { sdk: 'bare SDK loop', http: 'plain HTTP' } as const;

/** A backlog on DynamoDB Local, from the start of the process to its end: records a second, and CPU time a record. */
export async function drain({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const records = quick ? 40_000 : 100_000;
  tell(`filling DynamoDB Local with ${records} changes`);
  const table = await startFilledTables(records);
  try {
    const input = (count: number) => [table.endpointUrl, table.StreamArns.join(), String(count)];
    const node = (program: string, count = records) =>
      runToEnd(process.execPath, [program, ...input(count)], { usage: true });
    const contenders = {
      segments: (run: number) => watchOnce(table, join(folder, `drain-segments-${run}`), ['--layout', 'segments']),
      sdk: () => node(PROGRAMS.sdkLoop),
      http: () => node(PROGRAMS.httpLoop),
      files: (run: number) => watchOnce(table, join(folder, `drain-files-${run}`), ['--layout', 'files']),
      readable: async () => {
        const part = await node(PROGRAMS.readableLoop, records / SLOW);
        return { ...part, ms: part.ms * SLOW };
      },
      ...((await hasBoto3()) && { boto3: () => runToEnd('python3', [PROGRAMS.boto3Loop, ...input(records)]) }),
    };
    const samples: Partial<Record<string, Finished[]>> = await interleave(runs, contenders, (name, { ms, cpuMs }) =>
      tell(`${name} ${((records / ms) * 1000).toFixed(0)} records/s, CPU ${cpuMs.toFixed(0)} ms`),
    );
    const of = (name: string, value: (sample: Finished) => number) => (samples[name] ?? []).map(value);
    const rate = ({ ms }: Finished) => (records / ms) * 1000;
    const cpu = ({ cpuMs }: Finished) => (cpuMs / records) * 1000;
    const row = (measure: string, name: string, to: keyof typeof BASELINES, target?: number): Row => ({
      part: 'drain',
      measure,
      unit: 'records/s',
      samples: of(name, rate),
      ...(samples[name] === undefined
        ? { note: 'not installed' }
        : { ratio: median(of(name, rate)) / median(of(to, rate)), baseline: BASELINES[to] }),
      ...(target !== undefined && { target: { is: 'at least', value: target, of: 'ratio' } as const }),
    });
    const cpuRow = (measure: string, name: string): Row => ({
      part: 'drain',
      measure: `${measure}: CPU`,
      unit: 'µs/record',
      samples: of(name, cpu),
      ratio: median(of(name, cpu)) / median(of('sdk', cpu)),
      baseline: BASELINES.sdk,
    });
    return [
      row('watch --once, segments', 'segments', 'sdk', 1.5),
      row('watch --once, segments', 'segments', 'http', 0.7),
      row('watch --once, files', 'files', 'sdk'),
      row('bare SDK loop, writes nothing', 'sdk', 'sdk'),
      row('plain HTTP + JSON.parse, writes nothing', 'http', 'sdk'),
      row(`${PACKAGE}, the first tenth`, 'readable', 'sdk'),
      row('boto3 loop, writes nothing', 'boto3', 'sdk'),
      cpuRow('watch --once, segments', 'segments'),
      cpuRow('watch --once, files', 'files'),
      cpuRow('bare SDK loop', 'sdk'),
      cpuRow('plain HTTP + JSON.parse', 'http'),
    ];
  } finally {
    await table.stop();
  }
}

/**
 * One `watch --once` that archives every deletion. Throws unless as many were archived as are expected. The archive stays:
 * ext4 without a journal makes new files several times as slowly for minutes after many were removed.
 */
export async function watchOnce(
  { endpointUrl, TableNames, records }: FilledTables,
  out: string,
  more: readonly string[],
  { expected = records / 2, bin = BIN }: { expected?: number; bin?: string } = {},
): Promise<Finished> {
  const args = watchArguments(endpointUrl, TableNames, out, ['--once', '--deletions', 'all', ...more], bin);
  const run = await runToEnd(process.execPath, args, { usage: true });
  const archived = archivedBy(run);
  if (archived !== expected) throw new Error(`${archived} items of ${expected} were archived.`);
  return run;
}

async function hasBoto3(): Promise<boolean> {
  return promisify(execFile)('python3', ['-c', 'import boto3']).then(
    () => true,
    () => false,
  );
}
