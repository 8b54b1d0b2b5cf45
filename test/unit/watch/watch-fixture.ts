import { onTestFinished } from 'vitest';
import { ServerClock } from '../../../src/aws/server-clock.js';
import { readJournal } from '../../../src/journal/read-journal.js';
import type { Clock, JournalLine } from '../../../src/ports/index.js';
import type { WatchOptions } from '../../../src/watch/options.js';
import type { WatchContext } from '../../../src/watch/run-context.js';
import { watch } from '../../../src/watch/watch.js';
import { type InProcessOptions, inProcessStreams } from '../../support/in-process-streams.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { StreamModel, seededRandom, ttlDelete } from '../../support/streams-server.js';

const OUT = '/archive';

/** `watch` of a table `T` over a simulated stream and a disk in memory, on a clock that the test advances. */
export function watchFixture({ region = 'us-east-1' } = {}) {
  const clock = simulatedClock();
  /** How far the machine's clock is ahead of AWS's, and whether AWS's responses have a Date. */
  const machine = { aheadBy: 0, hasDate: true };
  const model = new StreamModel({ now: () => clock.now(), region });
  const disk = new MemoryDisk();

  /** Starts a run; a later one finds what the earlier ones left on the disk. */
  function start(
    options: Partial<WatchOptions> = {},
    calls: InProcessOptions & { tools?: Partial<WatchContext> } = {},
    machineParts: Partial<Clock> = {},
  ) {
    const stopping = new AbortController();
    const machineClock: Clock = { ...clock, now: () => clock.now() + machine.aheadBy, ...machineParts };
    const awsTime = new ServerClock(machineClock);
    const onDate = (date: string) => (machine.hasDate ? awsTime.setDate(date) : undefined);
    const archived: string[] = [];
    const log = notedLog();
    const watching = watch(
      {
        table: 'T',
        out: OUT,
        signal: stopping.signal,
        onArchived: (items) => archived.push(...items.map(({ Keys }) => String(Keys['PK']?.['S']))),
        ...options,
      },
      {
        ...inProcessStreams(model, { onDate, ...calls }),
        clock: machineClock,
        awsTime,
        disk,
        log,
        random: seededRandom(1),
        ...calls.tools,
      },
    );
    watching.done.catch(() => undefined); // Tests await it later.
    onTestFinished(() => stopping.abort());
    return {
      ...watching,
      log,
      /** Keys in the order of their commits. */
      archived,
      end: () => clock.runUntil(watching.done),
      stop: () => {
        stopping.abort();
        return clock.runUntil(watching.done);
      },
    };
  }

  return {
    clock,
    machine,
    model,
    disk,
    start,
    /** Runs with `--once` to its end. */
    async once(options: Partial<WatchOptions> = {}, calls: Parameters<typeof start>[1] = {}) {
      const run = start({ once: true, ...options }, calls);
      return { ...run, summary: await run.end() };
    },
    /** Puts a TTL deletion of each key into a shard. */
    put: (ShardId: string | undefined, ...keys: readonly string[]) =>
      model.put(ShardId ?? '', ...keys.map((key) => ttlDelete({ PK: { S: key }, ttl: { N: '1795446313' } }))),
    async lines(): Promise<JournalLine[]> {
      const lines: JournalLine[] = [];
      for await (const record of readJournal({ disk }, `${OUT}/.ttl-archive`)) {
        if ('problem' in record) throw new Error(`${record.file}:${record.number}: ${record.problem}`);
        lines.push(record.line);
      }
      return lines;
    },
  };
}
