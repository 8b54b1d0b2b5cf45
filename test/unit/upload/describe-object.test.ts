import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipMember } from '../../../src/archive/gzip-member.js';
import type { ArchivedItem, ItemEntry } from '../../../src/ports/index.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { batchesOf } from '../../../src/store/segment-batch.js';
import { describeObject } from '../../../src/upload/describe-object.js';
import { archivedItems } from '../../support/archived-items.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';

const TABLE = { table: 'T', atTheirPlace: true };

/** A segment of several gzip members, and its entries. */
async function segmentOf(
  pages: readonly (readonly ArchivedItem[])[],
): Promise<{ content: Buffer; entries: ItemEntry[] }> {
  const parts: Buffer[] = [];
  const entries: ItemEntry[] = [];
  let offset = 0;
  for (const page of pages) {
    for (const batch of await batchesOf(page, { format: 'item', compress: 'gzip' })) {
      entries.push(...batch.entriesAt('f', offset).map(({ entry }) => entry));
      parts.push(batch.bytes);
      offset += batch.bytes.length;
    }
  }
  return { content: Buffer.concat(parts), entries };
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

describe('describeObject', () => {
  it('gives the key that the Lambda handler gives to the same lines, and a manifest of where they are', async () => {
    const items = archivedItems(5);
    const { content, entries } = await segmentOf([items.slice(0, 2), items.slice(2)]);
    const object = await describeObject(content, each(entries), TABLE);
    const objects = new Map<string, Buffer>();
    await writeObjects(memoryStorage(objects), items, { table: 'T' });
    const [key = '', manifestKey = ''] = [...objects.keys()];
    expect(object?.key).toBe(key);
    objects.set(key, content);
    objects.set(manifestKey, object?.manifest ?? Buffer.alloc(0));
    expect(readS3Archive(objects).map(({ eventID }) => eventID)).toEqual(items.map(({ record }) => record.eventID));
  });

  it('describes the same lines in other gzip members where they are', async () => {
    const items = archivedItems(5);
    const { content, entries } = await segmentOf([items.slice(0, 2), items.slice(2)]);
    const other = await gzipMember(gunzipSync(content).toString());
    expect(await describeObject(other, each(entries), TABLE)).toBeUndefined();
    const object = await describeObject(other, each(entries), { ...TABLE, atTheirPlace: false });
    const { key = '', manifest = Buffer.alloc(0) } = object ?? {};
    const path = key.replace('.json.gz', '');
    const objects = new Map([
      [key, other],
      [`.ttl-archive/manifests/${path}.ndjson.gz`, manifest],
    ]);
    expect(readS3Archive(objects)).toHaveLength(5);
  });

  it('does not describe an object with a line more, a line less, another order, or an altered byte', async () => {
    const items = archivedItems(5);
    const { content, entries } = await segmentOf([items.slice(0, 2), items.slice(2)]);
    const [first, second, ...rest] = entries;
    if (first === undefined || second === undefined) throw new Error('no entries');
    const wrong = [entries.slice(0, -1), entries.slice(1), [second, first, ...rest], entries.slice(0, 2), []];
    for (const some of wrong) expect(await describeObject(content, each(some), TABLE)).toBeUndefined();
    for (let at = 0; at < content.length; at++) {
      const altered = Buffer.from(content);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await describeObject(altered, each(entries), TABLE), `byte ${at}`).toBeUndefined();
    }
    for (const length of [0, 20, content.length - 1]) {
      expect(await describeObject(content.subarray(0, length), each(entries), TABLE)).toBeUndefined();
    }
  });
});
