import { expect, it } from 'vitest';
import { ENDLESS, Retrier } from '../../../src/stream/retry.js';
import { RunProgress } from '../../../src/watch/run-progress.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { machineTime } from '../../support/machine-time.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { StreamModel } from '../../support/streams-server.js';

it('counts no stall while a run that has read everything uploads what is left', async () => {
  const clock = simulatedClock();
  const tools = { clock, log: notedLog(), random: () => 0 };
  const context = {
    ...tools,
    ...inProcessStreams(new StreamModel({ now: () => clock.now() })),
    awsTime: machineTime(clock),
    disk: new MemoryDisk(),
    retrier: new Retrier(tools, ENDLESS),
    signal: new AbortController().signal,
  };
  const run = new RunProgress(context, { once: true, maxLag: 43_200_000 });
  const stalledAfterAMinute = async (): Promise<number> => {
    for (let seconds = 0; seconds <= 60; seconds += 5) {
      run.progress();
      await clock.advance(5000);
    }
    return run.progress().stalledMs;
  };
  run.phase = 'reading';
  expect(await stalledAfterAMinute()).toBeGreaterThanOrEqual(60_000);
  run.phase = 'ended';
  expect(await stalledAfterAMinute()).toBe(0);
});
