import { describe, expect, it } from 'vitest';
import type { ArchivedItem, ItemFacts } from '../../../src/ports/index.js';
import type { Selection } from '../../../src/restore/candidates.js';
import { createObjectEntryReader } from '../../../src/restore/object-entry-reader.js';
import { objectSource } from '../../../src/restore/object-source.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { DELETED_AT } from '../../support/change-record.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { mergeHour, writeBatch } from '../../support/s3-archive.js';

/** A version of the item `key`, whose text is `text`, deleted so many seconds after DELETED_AT. */
function version(number: number, key: string, seconds: number, more: Partial<ItemFacts> = {}): ArchivedItem {
  const [item] = archivedItems(1, { from: number, deletedAt: DELETED_AT + seconds });
  if (item === undefined) throw new TypeError('no item');
  const PK = { S: key };
  return {
    ...item,
    record: { ...item.record, Keys: { PK }, ...more },
    body: Buffer.from(JSON.stringify({ PK, text: { S: `${key}${number}` } })),
  };
}

async function restored(objects: Map<string, Buffer>, selection: Partial<Selection> = {}, fault?: StorageFault) {
  const storage = memoryStorage(objects, fault);
  const source = await objectSource(
    {
      storage,
      read: createObjectEntryReader(storage),
      keyNames: ['PK'],
      placeOf: (file) => file,
      onDamage: (error) => {
        throw error;
      },
    },
    { versions: 'newest', ...selection },
  );
  const texts: string[] = [];
  for await (const candidate of source.candidates()) {
    const decoded = await candidate.load();
    texts.push('item' in decoded ? String(decoded.item['text']?.['S']) : decoded.problem);
  }
  return { count: source.count, texts };
}

/** Two batches of one hour, the later one with the earlier deletions, and a batch of the next hour. */
async function sample(): Promise<Map<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  const write = (...items: ArchivedItem[]) => writeObjects(memoryStorage(objects), items, { table: 'Orders' });
  await write(version(3, 'a', 30), version(5, 'b', 30, { SequenceNumber: '9' }));
  await write(version(1, 'a', 10), version(2, 'a', 20), version(6, 'b', 30, { SequenceNumber: '10' }));
  await write(version(1, 'a', 10));
  await write(version(7, 'a', 3600), version(8, 'c', 3601));
  return objects;
}

describe('objectSource', () => {
  it('gives the version of each key that was deleted last, wherever it is', async () => {
    const { count, texts } = await restored(await sample());
    expect(texts.toSorted()).toEqual(['a7', 'b6', 'c8']);
    expect(count).toBe(3);
    const until = (DELETED_AT + 3599) * 1000;
    expect((await restored(await sample(), { until })).texts.toSorted()).toEqual(['a3', 'b6']);
  });

  it('gives all versions of a key, each once, in the order of their deletion', async () => {
    const { count, texts } = await restored(await sample(), { versions: 'all' });
    const of = (key: string) => texts.filter((text) => text.startsWith(key));
    expect([of('a'), of('b'), of('c')]).toEqual([['a1', 'a2', 'a3', 'a7'], ['b5', 'b6'], ['c8']]);
    expect(count).toBe(7);
  });

  it('gives everything that a named object holds, also when another one holds it, too', async () => {
    const objects = new Map<string, Buffer>();
    for (const from of [0, 1, 2]) await writeBatch(objects, 3, { from });
    await writeBatch(objects, 1, { from: 1, hour: 1 });
    for (const file of [...objects.keys()].filter((key) => /^year=.*hour=12/.test(key))) {
      expect(await restored(objects, { files: new Set([file]) })).toMatchObject({ count: 3 });
    }
  });

  it('does not give what is archived after it was created', async () => {
    const objects = await sample();
    const storage = memoryStorage(objects);
    const context = {
      read: createObjectEntryReader(storage),
      keyNames: ['PK'],
      placeOf: String,
      onDamage: () => undefined,
    };
    const source = await objectSource({ storage, ...context }, { versions: 'all' });
    await writeObjects(storage, [version(9, 'a', 40)], { table: 'Orders' });
    let given = 0;
    for await (const _ of source.candidates()) given++;
    expect(given).toBe(7);
  });

  it('gives every item, intact, while its hour is merged at any moment', async () => {
    for (const versions of ['newest', 'all'] as const) {
      for (let nth = 1; nth < 20; nth++) {
        const objects = new Map<string, Buffer>();
        for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from });
        let reads = 0;
        const { count, texts } = await restored(objects, { versions }, async ({ operation }, done) => {
          if (!operation.startsWith('read') || done || ++reads !== nth) return;
          const merging = await mergeHour(objects, 9);
          merging.deleteManifests();
          merging.deleteData();
        });
        expect({ nth, count, texts: texts.toSorted() }).toEqual({
          nth,
          count: 9,
          texts: Array.from({ length: 9 }, (_, number) => `ü-${number}\n`),
        });
      }
    }
  });
});
