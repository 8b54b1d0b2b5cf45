import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { DELETED_AT } from '../../support/change-record.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';

const TABLE = { table: 'Orders' };
const folder = 'year=2026/month=11/day=23/hour=12';

async function written(items = archivedItems(3)): Promise<Map<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  await writeObjects(memoryStorage(objects), items, TABLE);
  return objects;
}

describe('writeObjects', () => {
  it('writes the items as lines of one object, as the import of DynamoDB reads them, and a manifest', async () => {
    const items = archivedItems(3);
    const objects = await written(items);
    const [data = '', manifest] = objects.keys();
    expect(data).toMatch(new RegExp(`^${folder}/20261123T120000Z-[0-9a-f]{32}\\.json\\.gz$`));
    expect(manifest).toBe(`.ttl-archive/manifests/${data.replace('.json.gz', '.ndjson.gz')}`);
    expect(gunzipSync(objects.get(data) ?? '').toString()).toBe(items.map(({ body }) => `{"Item":${body}}\n`).join(''));
    const read = readS3Archive(objects);
    expect(read.map(({ line }) => line)).toEqual(items.map(({ body }) => `{"Item":${body}}`));
    expect(read.map(({ entry }) => entry)).toMatchObject(items.map(({ record }) => ({ ...record })));
  });

  it('leaves out a ShardId that nobody knows', async () => {
    const items = archivedItems(1).map(({ record }) => ({
      fileName: '',
      body: Buffer.from('{}'),
      record: { ...record, ShardId: '' },
    }));
    const objects = await written(items);
    expect(readS3Archive(objects)[0]?.entry).not.toHaveProperty('ShardId');
  });

  it('writes nothing when there is nothing', async () => {
    expect((await written([])).size).toBe(0);
  });

  it('writes each hour of deletion to an object of its own', async () => {
    const items = [...archivedItems(2), ...archivedItems(2, { from: 2, deletedAt: DELETED_AT + 3600 })];
    const objects = await written(items);
    const folders = [...objects.keys()].filter((key) => key.startsWith('year=')).map((key) => key.slice(0, 34));
    expect(folders.toSorted()).toEqual([`${folder}/`, `${folder.replace('12', '13')}/`]);
    expect(readS3Archive(objects)).toHaveLength(4);
  });

  it('gives the same items the same name, and others another one', async () => {
    const [name] = (await written()).keys();
    expect([...(await written()).keys()][0]).toBe(name);
    const items = archivedItems(3);
    const others = [
      items.slice(0, 2),
      items.toReversed(),
      items.map(({ record }) => ({ record, fileName: '', body: Buffer.from('{"PK":{"S":"another image"}}') })),
      items.map(({ record, body }) => ({ body, fileName: '', record: { ...record, eventID: `${record.eventID}'` } })),
    ];
    for (const other of others) expect([...(await written(other)).keys()][0]).not.toBe(name);
  });

  it('writes the data before the manifest', async () => {
    const keys: string[] = [];
    await writeObjects(
      memoryStorage(new Map(), ({ key }, done) => void (done && keys.push(key))),
      archivedItems(1),
      TABLE,
    );
    expect(keys.map((key) => key.split('/')[0])).toEqual(['year=2026', '.ttl-archive']);
  });

  it('leaves no manifest when the data could not be written', async () => {
    const objects = new Map<string, Buffer>();
    const storage = memoryStorage(objects, () => {
      throw new Error('no');
    });
    await expect(writeObjects(storage, archivedItems(1), TABLE)).rejects.toThrow('no');
    expect(objects.size).toBe(0);
  });

  it('leaves no manifest without data when both are deleted while it repeats its work', async () => {
    const objects = await written();
    const storage = memoryStorage(objects, ({ key }, done) => {
      if (!done && key.startsWith('.')) objects.clear();
    });
    await writeObjects(storage, archivedItems(3), TABLE);
    expect(readS3Archive(objects)).toHaveLength(3);
  });

  it('writes the missing manifest when it died after the data', async () => {
    const objects = await written();
    for (const key of objects.keys()) if (key.startsWith('.')) objects.delete(key);
    expect(readS3Archive(objects)).toEqual([]);
    const outcome = await writeObjects(memoryStorage(objects), archivedItems(3), TABLE);
    expect(outcome).toMatchObject({ objects: 1, repeated: 1 });
    expect(readS3Archive(objects)).toHaveLength(3);
  });
});
