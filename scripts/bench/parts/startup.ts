import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BIN, PROGRAMS, runToEnd, watchArguments } from '../processes.js';
import { type Calls, startSimulatedStream } from '../simulated-stream.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

/** How long a command takes that has nothing to do. These runs are short, so there are twice as many and one to warm up. */
export async function startup({ runs, folder, tell }: BenchContext): Promise<Row[]> {
  const stream = await startSimulatedStream({ shards: 1 });
  const { endpointUrl, TableName, StreamArn, control } = stream;
  const node = async (args: readonly string[]) => (await runToEnd(process.execPath, args)).ms;
  const contenders = {
    empty: () => node(['-e', '0']),
    help: () => node([BIN, '--help']),
    once: async (run: number) => {
      const out = join(folder, `startup-${run}`);
      const ms = await node(watchArguments(endpointUrl, TableName, out, ['--once']));
      await rm(out, { recursive: true });
      return ms;
    },
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
    const { empty, help, once, script } = await interleave(runs * 2, contenders);
    const row = (measure: string, samples: readonly number[]) => ({ part: 'startup', measure, unit: 'ms', samples });
    return [
      {
        ...row('--help', help),
        ratio: median(help) / median(empty),
        baseline: 'node -e 0',
        target: { is: 'at most', value: 1.8, of: 'ratio' },
      },
      row('node -e 0', empty),
      {
        ...row('watch --once, empty stream', once),
        ratio: median(once) / median(script),
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
