import { describe, expect, it } from 'vitest';
import { checkpointLazily } from '../../../src/shards/effects.js';
import { Coordinator } from '../../../src/stream/coordinator.js';
import { ENDLESS, Retrier } from '../../../src/stream/retry.js';
import { machineTime } from '../../support/machine-time.js';
import { MemorySink } from '../../support/memory-sink.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const unused = () => Promise.reject(new Error('No call is expected.'));

function coordinatorWith(sink: MemorySink): Coordinator {
  const clock = simulatedClock();
  const [log, random] = [notedLog(), Math.random];
  const context = {
    streams: { describeStream: unused, getShardIterator: unused, getRecords: unused },
    sink,
    clock,
    awsTime: machineTime(clock),
    random,
    log,
    retrier: new Retrier({ clock, random, log }, ENDLESS),
    signal: new AbortController().signal,
  };
  const pace = { pollInterval: 250, maxPollInterval: 5000 };
  const options = {
    StreamArn: 'arn',
    once: false,
    from: 'trim-horizon',
    pace,
    concurrency: 1,
    known: new Map(),
  } as const;
  return new Coordinator(context, options);
}

describe('Coordinator', () => {
  it('keeps the lazy checkpoints of a large listing before anything can read one of its shards', async () => {
    const sink = new MemorySink();
    const at = new Date(0).toISOString();
    const effects = Array.from({ length: 5000 }, (_, index) =>
      checkpointLazily({ stream: 'arn', ShardId: `shard-${index}`, position: 'TRIM_HORIZON', at }),
    );
    const applied = coordinatorWith(sink).apply(effects);
    expect(sink.checkpoints.size).toBe(5000);
    await applied;
  });
});
