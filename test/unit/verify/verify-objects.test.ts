import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../../src/archive/layout.js';
import { encodeManifest } from '../../../src/archive/manifest.js';
import { readManifests } from '../../../src/archive/read-manifests.js';
import type { ItemEntry } from '../../../src/ports/index.js';
import type { Finding } from '../../../src/verify/finding.js';
import { verifyObjects } from '../../../src/verify/verify-objects.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { mergeHour, writeBatch } from '../../support/s3-archive.js';

async function verify(objects: Map<string, Buffer>, fault?: StorageFault) {
  const found: Finding[] = [];
  const verification = await verifyObjects({
    storage: memoryStorage(objects, fault),
    onFinding: (finding) => found.push(finding),
  });
  return { ...verification, found };
}

async function sample(): Promise<Map<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from });
  return objects;
}

/** Replaces the entries of the only manifest. */
async function relist(objects: Map<string, Buffer>, change: (entries: ItemEntry[]) => ItemEntry[]): Promise<void> {
  const entries: ItemEntry[] = [];
  for await (const entry of readManifests(memoryStorage(objects))) entries.push(entry);
  const file = entries[0]?.file ?? '';
  objects.set(manifestOf(file), await encodeManifest({ table: 'Orders', file }, change(entries)));
}

describe('verifyObjects', () => {
  it('finds nothing wrong while an hour is merged before, or in the midst of, any of its reads', async () => {
    for (const steps of [['deleteManifests', 'deleteData'], ['deleteManifests']] as const) {
      for (let nth = 1; nth < 16; nth++) {
        const objects = await sample();
        let reads = 0;
        const { found, items } = await verify(objects, async ({ operation, key }, done) => {
          if (!operation.startsWith('read') || key === '' || done || ++reads !== nth) return;
          const merging = await mergeHour(objects, 9);
          for (const step of steps) merging[step]();
        });
        expect({ nth, steps, found, items }).toEqual({ nth, steps, found: [], items: 9 });
      }
    }
  });

  it.each<[what: string, change: (entries: ItemEntry[]) => ItemEntry[], detail: string]>([
    ['lists a line less', (entries) => entries.slice(0, -1), 'damaged gzip member'],
    ['lists a line more', ([first, ...rest]) => (first ? [first, ...rest, { ...first, line: 3 }] : []), 'differs'],
    ['lists other bytes', (all) => all.map((entry) => ({ ...entry, sha256: '0'.repeat(64) })), 'differs'],
    ['lists the lines in another order', (entries) => entries.toReversed(), 'that is not listed'],
    ['begins behind the data', (all) => all.map((entry) => ({ ...entry, offset: 10 })), 'other bytes than are listed'],
  ])('reports data as altered when the manifest %s', async (_, change, detail) => {
    const objects = new Map<string, Buffer>();
    await writeBatch(objects, 3);
    await relist(objects, change);
    const { found } = await verify(objects);
    expect(found).toEqual([expect.objectContaining({ kind: 'altered', detail: expect.stringContaining(detail) })]);
  });

  it('reports bytes behind the last gzip member', async () => {
    const objects = new Map<string, Buffer>();
    await writeBatch(objects, 3);
    const [data = ''] = [...objects.keys()].filter((key) => key.startsWith('year='));
    objects.set(data, Buffer.concat([objects.get(data) ?? Buffer.alloc(0), Buffer.from('x')]));
    expect((await verify(objects)).found).toEqual([
      { kind: 'altered', file: data, detail: expect.stringContaining('that are not listed') },
    ]);
  });

  it('throws the first failure of S3, and calls it no more after that', async () => {
    const objects = new Map<string, Buffer>();
    for (let batch = 0; batch < 100; batch++) await writeBatch(objects, 1, { from: batch });
    let reads = 0;
    const failing = verify(objects, ({ operation }, done) => {
      if (operation === 'read' && !done && ++reads === 5) throw new Error('503');
    });
    await expect(failing).rejects.toThrow('503');
    expect(reads).toBeLessThan(30);
  });
});
