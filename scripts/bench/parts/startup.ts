import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BIN, PROGRAMS, runToEnd, watchArguments } from '../processes.js';
import { type Calls, type SimulatedStream, startSimulatedStream } from '../simulated-stream.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

/** How long a command takes that has nothing to do. These runs are short, so there are twice as many and one to warm up. */
export async function startup({ runs, folder, compared, tell }: BenchContext): Promise<Row[]> {
  const stream = await startSimulatedStream({ shards: 1 });
  const { endpointUrl, TableName, StreamArn, control } = stream;
  const node = async (args: readonly string[]) => (await runToEnd(process.execPath, args)).ms;
  const once = (run: number, bin = BIN) => emptyRun(stream, join(folder, `startup-${run}`), bin);
  const contenders = {
    empty: () => node(['-e', '0']),
    help: () => node([BIN, '--help']),
    once: (run: number) => once(run),
    ...(compared !== undefined && { compared: (run: number) => once(run, compared.bin) }),
    script: () => node([PROGRAMS.sameCalls, endpointUrl, TableName, StreamArn]),
  };
  try {
    await interleave(1, contenders);
    const calls = async (work: () => Promise<unknown>) => {
      await control({ command: 'stats', reset: true });
      await work();
      return (await control<Calls>({ command: 'stats' })).calls;
    };
    const [ours, theirs] = [await calls(() => contenders.once(0)), await calls(contenders.script)];
    tell(`watch makes ${ours} calls, the script ${theirs}`);
    const samples = await interleave(runs * 2, contenders);
    const { empty, help, script } = samples;
    const row = (measure: string, times: readonly number[]) => ({
      part: 'startup',
      measure,
      unit: 'ms',
      samples: times,
    });
    return [
      {
        ...row('--help', help),
        ratio: median(help) / median(empty),
        baseline: 'node -e 0',
        target: { is: 'at most', value: 1.8, of: 'ratio' },
      },
      row('node -e 0', empty),
      ...(compared === undefined
        ? []
        : [
            {
              ...row(`watch --once, empty stream, ${compared.ref}`, samples.compared),
              ratio: median(samples.once) / median(samples.compared),
              baseline: 'this one to that one',
            },
          ]),
      {
        ...row('watch --once, empty stream', samples.once),
        ratio: median(samples.once) / median(script),
        baseline: 'script with the same calls',
        target: { is: 'at most', value: 1.3, of: 'ratio' },
        note: `${ours} calls`,
      },
      { ...row('script with the same calls', script), note: `${theirs} calls` },
    ];
  } finally {
    await stream.stop();
  }
}

/** Milliseconds of one `watch --once` when the streams of all tables are empty: what a drain takes before its first record. */
export async function emptyRun({ endpointUrl, TableNames }: SimulatedStream, out: string, bin = BIN): Promise<number> {
  const { ms } = await runToEnd(process.execPath, watchArguments(endpointUrl, TableNames, out, ['--once'], bin));
  await rm(out, { recursive: true });
  return ms;
}
