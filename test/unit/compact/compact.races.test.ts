import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readManifests } from '../../../src/archive/read-manifests.js';
import { compactArchive } from '../../../src/compact/compact.js';
import { newTotals } from '../../../src/compact/context.js';
import { systemClock } from '../../../src/lib/system-clock.js';
import type { ObjectStorage } from '../../../src/ports/index.js';
import { createObjectEntryReader } from '../../../src/restore/object-entry-reader.js';
import { createS3Storage } from '../../../src/s3/s3-storage.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { S3_FAULTS, type S3FaultPlan } from '../../support/s3-server/faults.js';
import { BUCKET, startS3Server } from '../../support/s3-server/s3-server.js';
import { contentOf, dataIn, SETTLED_AT, smallObjects } from '../../support/small-objects.js';
import { seededRandom } from '../../support/streams-server/faults.js';

const compact = (storage: ObjectStorage) =>
  compactArchive({
    storage,
    totals: newTotals(),
    onDamage: ({ file, problem }) => {
      throw new Error(`${file}: ${problem}`);
    },
    clock: { now: () => SETTLED_AT },
    signal: new AbortController().signal,
  });

/** Calls of several processes, each of which has its effect when a random choice lets it. `check` runs after each. */
function shuffled(seed: number, check: () => void) {
  const random = seededRandom(seed);
  const waiting: (() => void)[] = [];
  const fault: StorageFault = (_, done) => {
    if (done) return check();
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    fault,
    async run(work: readonly Promise<unknown>[]): Promise<void> {
      const running = new Set(work);
      for (const each of work) void each.catch(() => undefined).finally(() => running.delete(each));
      while (running.size > 0) {
        await setImmediate();
        waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
      }
      await Promise.all(work);
    },
  };
}

/** What a reader sees that looks an item up elsewhere when its data object is missing (docs/archive-format.md). */
function visible(objects: ReadonlyMap<string, Buffer>): string[] {
  const complete = [...objects].filter(([key]) => {
    const [, path] = /^\.ttl-archive\/manifests\/(.*)\.ndjson\.gz$/.exec(key) ?? [];
    return path === undefined || objects.has(`${path}.json.gz`);
  });
  return contentOf(new Map(complete));
}

const BATCHES = [
  [0, 3],
  [3, 2],
  [4, 3],
  [7, 1],
] as const;
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);

describe('compactArchive, beside others', () => {
  it('loses nothing when several run at the same time', async () => {
    for (const seed of SEEDS) {
      const objects = await smallObjects(BATCHES);
      const before = contentOf(objects);
      const order = shuffled(seed, () => expect(visible(objects), `seed ${seed}`).toEqual(before));
      await order.run([1, 2, 3].map(() => compact(memoryStorage(objects, order.fault))));
      await compact(memoryStorage(objects));
      expect(contentOf(objects)).toEqual(before);
      expect(objects.size).toBe(2);
    }
  });

  it('loses nothing when batches are delivered again meanwhile, and new ones come', async () => {
    for (const seed of SEEDS) {
      const objects = await smallObjects(BATCHES);
      const before = contentOf(objects);
      const all = contentOf(await smallObjects([[0, 9]]));
      const order = shuffled(seed, () => {
        const seen = visible(objects);
        expect(seen, `seed ${seed}`).toEqual(expect.arrayContaining(before));
      });
      const storage = memoryStorage(objects, order.fault);
      const write = (from: number, count: number) =>
        writeObjects(storage, archivedItems(count, { from }), { table: 'Orders' });
      await order.run([compact(storage), compact(storage), write(3, 2), write(0, 3), write(8, 1), write(4, 3)]);
      await compact(memoryStorage(objects));
      await compact(memoryStorage(objects));
      expect(contentOf(objects), `seed ${seed}`).toEqual(all);
      expect(dataIn(objects), `seed ${seed}`).toHaveLength(1);
      expect(objects.size, `seed ${seed}`).toBe(2);
    }
  });

  it('deletes a manifest that is written again just before its data is deleted', async () => {
    const objects = await smallObjects(BATCHES);
    const before = contentOf(objects);
    const [file = ''] = dataIn(objects);
    let isWritten = false;
    const fault: StorageFault = async ({ operation, key }, done) => {
      if (operation !== 'delete' || key !== file || done || isWritten) return;
      isWritten = true;
      await smallObjects(BATCHES, undefined, objects);
    };
    await compact(memoryStorage(objects, fault));
    expect(isWritten).toBe(true);
    expect(contentOf(objects)).toEqual(before);
  });

  it('is read whole by a reader that runs at the same time', async () => {
    for (const seed of SEEDS) {
      const objects = await smallObjects(BATCHES);
      const before = contentOf(objects);
      const order = shuffled(seed, () => undefined);
      const storage = memoryStorage(objects, order.fault);
      const seen: string[] = [];
      const reading = (async () => {
        const read = createObjectEntryReader(storage);
        for await (const entry of readManifests(storage)) {
          const content = await read(entry);
          seen.push(`${entry.eventID} ${'text' in content ? content.text : content.problem}`);
        }
      })();
      await order.run([reading, compact(storage)]);
      expect(seen.toSorted(), `seed ${seed}`).toEqual(before);
    }
  });

  it('is seen whole by a listing that began before and goes on after', async () => {
    const origin = await smallObjects(BATCHES);
    const before = contentOf(origin);
    const keysOf = (objects: ReadonlyMap<string, Buffer>) =>
      [...objects.keys()].filter((key) => key.startsWith('.')).toSorted();
    for (let page = 0; page <= keysOf(origin).length; page++) {
      const objects = new Map(origin);
      const first = keysOf(objects).slice(0, page);
      const passed = new Map(objects);
      await compact(memoryStorage(objects));
      // A listing goes on behind the last key that it gave.
      const later = keysOf(objects).filter((key) => key > (first.at(-1) ?? ''));
      const seen = new Map([...objects, ...passed].filter(([key]) => key.startsWith('year=') || first.includes(key)));
      for (const key of later) seen.set(key, objects.get(key) ?? Buffer.alloc(0));
      expect(contentOf(seen), `after ${page} keys`).toEqual(before);
    }
  });
});

describe('compactArchive, over HTTP', () => {
  it.each([
    'slowDown',
    'internalError',
    'conflict',
    'html503',
    'reset',
    'lostAnswer',
    'truncated',
    'altered',
    'alteredUpload',
  ] as const)('merges exactly, with the fault %s in one of three calls', async (name) => {
    const random = seededRandom(1);
    let parts = 0;
    const faults: S3FaultPlan = ({ headers }) => {
      // The answer with a part of an object has no checksum: altered twice in a row, it counts as damage.
      const isPart = headers['range'] !== undefined;
      if (name === 'altered' && isPart) return parts++ % 2 === 0 ? S3_FAULTS[name] : undefined;
      return random() < 0.33 ? S3_FAULTS[name] : undefined;
    };
    const server = await startS3Server({ faults, pageSize: 3 });
    const origin = await smallObjects(BATCHES);
    for (const [key, content] of origin) server.objects.set(`orders/${key}`, content);
    const storage = createS3Storage(
      {
        bucket: BUCKET,
        prefix: 'orders',
        region: 'us-east-1',
        endpointUrl: server.endpointUrl,
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      },
      { clock: { ...systemClock, sleep: async () => undefined }, random },
    );
    try {
      await compact(storage);
    } finally {
      await server.close();
    }
    const objects = new Map([...server.objects].map(([key, content]) => [key.slice('orders/'.length), content]));
    expect(contentOf(objects)).toEqual(contentOf(origin));
    expect(objects.size).toBe(2);
  });
});
