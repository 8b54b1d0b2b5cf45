import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readManifests } from '../../../src/archive/read-manifests.js';
import type { ArchivedItem } from '../../../src/ports/index.js';
import { createObjectEntryReader } from '../../../src/restore/object-entry-reader.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { memoryStorage } from '../../support/memory-storage.js';

/** Writes the items, lets a test damage the objects, and reads them back. */
async function readBack(items: readonly ArchivedItem[], damage: (objects: Map<string, Buffer>, data: string) => void) {
  const objects = new Map<string, Buffer>();
  let requests = 0;
  const storage = memoryStorage(objects, ({ operation }, done) => void (done && operation === 'readAt' && requests++));
  await writeObjects(storage, items, { table: 'Orders' });
  damage(objects, [...objects.keys()].find((key) => key.startsWith('year=')) ?? '');
  const read = createObjectEntryReader(storage);
  const contents = [];
  for await (const entry of readManifests(storage)) contents.push(await read(entry));
  return { contents, requests };
}

describe('createObjectEntryReader', () => {
  it('reads all items of an object with one request', async () => {
    const items = archivedItems(100);
    const { contents, requests } = await readBack(items, () => undefined);
    expect(contents).toEqual(items.map(({ body }) => ({ text: `{"Item":${body}}` })));
    expect(requests).toBe(1);
  });

  it('reads items of an object that is longer than a request', async () => {
    const items = archivedItems(12).map(({ record }) => ({
      record,
      fileName: '',
      body: Buffer.from(JSON.stringify({ PK: { S: randomBytes(200_000).toString('base64') } })),
    }));
    const { contents, requests } = await readBack(items, () => undefined);
    expect(contents).toEqual(items.map(({ body }) => ({ text: `{"Item":${body}}` })));
    expect(requests).toBe(3);
  });

  it.each<[what: string, damage: (objects: Map<string, Buffer>, data: string) => void]>([
    ['missing', (objects, data) => objects.delete(data)],
    ['cut', (objects, data) => objects.set(data, objects.get(data)?.subarray(0, -20) ?? Buffer.alloc(0))],
    ['altered', (objects, data) => (objects.get(data) ?? Buffer.alloc(0)).writeUInt8(1, 30)],
  ])('finds the items of an object that is %s damaged', async (_, damage) => {
    const { contents } = await readBack(archivedItems(2), damage);
    const problem = { problem: expect.stringContaining('missing or altered') };
    expect(contents).toEqual([problem, problem]);
  });

  it('throws when S3 fails: that is no damage', async () => {
    const objects = new Map<string, Buffer>();
    await writeObjects(memoryStorage(objects), archivedItems(1), { table: 'Orders' });
    const failing = memoryStorage(objects, ({ operation }) => {
      if (operation === 'readAt') throw new Error('503');
    });
    for await (const entry of readManifests(failing)) {
      await expect(createObjectEntryReader(failing)(entry)).rejects.toThrow('503');
    }
  });
});
