import { onTestFinished } from 'vitest';
import { ServerClock } from '../../../src/aws/server-clock.js';
import type { DeliveryOptions } from '../../../src/library/delivery-options.js';
import { iterateDeletions } from '../../../src/library/iterate-deletions.js';
import { deliverTo } from '../../../src/library/sink-receiver.js';
import type { DeletionSink, PositionStore, TtlDeletion } from '../../../src/ports/index.js';
import { watch } from '../../../src/watch/watch.js';
import { type InProcessOptions, inProcessStreams } from '../../support/in-process-streams.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { StreamModel, seededRandom, ttlDelete } from '../../support/streams-server.js';

/** A position store in memory. */
function memoryPositions(): PositionStore & { text: string | undefined; saves: number } {
  return {
    text: undefined,
    saves: 0,
    async load() {
      return this.text;
    },
    async save(text) {
      this.saves++;
      this.text = text;
    },
  };
}

/** Deliveries of a table `T` over a simulated stream, on a clock that the test advances. */
export function deliveryFixture() {
  const clock = simulatedClock();
  const model = new StreamModel({ now: () => clock.now() });
  model.createTable({ TableName: 'T', shards: 1 });
  const positions = memoryPositions();
  let disk = new MemoryDisk();

  function context(calls: InProcessOptions = {}) {
    const awsTime = new ServerClock(clock);
    const onDate = (date: string) => awsTime.setDate(date);
    return { ...inProcessStreams(model, { onDate, ...calls }), clock, awsTime, disk, random: seededRandom(1) };
  }

  return {
    clock,
    model,
    positions,
    /** What a new process finds after a kill. */
    kill() {
      disk = disk.kill();
      disk.put('/positions/.ttl-archive/lock', undefined);
    },
    deliver(sink: DeletionSink, options: Partial<DeliveryOptions> = {}) {
      const stop = new AbortController();
      onTestFinished(() => stop.abort());
      const watching = deliverTo({ table: 'T', positions, sink, signal: stop.signal, ...options }, context());
      watching.done.catch(() => undefined);
      return { ...watching, stop, end: () => clock.runUntil(watching.done) };
    },
    read(options: Partial<DeliveryOptions> = {}, calls: InProcessOptions = {}) {
      return iterateDeletions({ table: 'T', positions, ...options }, context(calls));
    },
    archive(out: string) {
      return clock.runUntil(watch({ table: 'T', out, once: true }, context()).done);
    },
    /** Puts a TTL deletion of each key into a shard. */
    put: (ShardId: string | undefined, ...keys: readonly string[]) =>
      model.put(ShardId ?? '', ...keys.map((key) => ttlDelete({ PK: { S: key }, ttl: { N: '1795446313' } }))),
  };
}

export const keyOf = ({ item }: TtlDeletion): string => String(item['PK']?.['S']);
