import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error -- it comes without types
import S3rver from 's3rver';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/system-clock.js';
import type { ObjectStorage } from '../../../src/ports/index.js';
import { createS3Storage } from '../../../src/s3/s3-storage.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { BUCKET, startS3Server } from '../../support/s3-server/s3-server.js';

const tools = { clock: systemClock, random: () => 0, attempts: 1 };
const s3 = await startS3Server({ pageSize: 2 });
const rover = await startS3rver();
afterAll(async () => {
  await s3.close();
  await rover.close();
});

/** The S3 server of another author, for plain calls: it does not check If-None-Match. */
async function startS3rver() {
  const directory = await mkdtemp(join(tmpdir(), 'ttl-archive-s3rver-'));
  const server = new S3rver({ port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET }] });
  const { port } = await server.run();
  return {
    endpointUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}

const open = (endpointUrl: string) => (): ObjectStorage =>
  createS3Storage(
    {
      bucket: BUCKET,
      prefix: randomUUID(),
      region: 'us-east-1',
      endpointUrl,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    },
    tools,
  );

const STORAGES: [name: string, make: () => ObjectStorage, options: { checksConditions: boolean }][] = [
  ['memoryStorage', () => memoryStorage(), { checksConditions: true }],
  ['S3', open(s3.endpointUrl), { checksConditions: true }],
  ['S3, as s3rver understands it', open(rover.endpointUrl), { checksConditions: false }],
];

let storage: ObjectStorage;
const text = async (key: string) => (await storage.read(key, 1000))?.toString();
const keys = async (...args: Parameters<ObjectStorage['list']>) => {
  const found: string[] = [];
  for await (const { key } of storage.list(...args)) found.push(key);
  return found;
};

describe.each(STORAGES)('%s', (_name, make, { checksConditions }) => {
  beforeEach(() => {
    storage = make();
  });

  it('creates an object and reads it whole', async () => {
    expect(await storage.create('year=2026/a.json.gz', Buffer.from([0, 255, 10]))).toBe('created');
    expect(await storage.read('year=2026/a.json.gz', 3)).toEqual(Buffer.from([0, 255, 10]));
  });

  it.skipIf(!checksConditions)('leaves an object that exists as it is', async () => {
    await storage.create('a', Buffer.from('first'));
    expect(await storage.create('a', Buffer.from('second'))).toBe('exists');
    expect(await text('a')).toBe('first');
  });

  it.skipIf(!checksConditions)('creates an object once when several writers do it at the same time', async () => {
    const outcomes = await Promise.all(['1', '2', '3'].map((content) => storage.create('a', Buffer.from(content))));
    expect(outcomes.toSorted()).toEqual(['created', 'exists', 'exists']);
  });

  it('creates an empty object', async () => {
    await storage.create('empty', Buffer.alloc(0));
    expect(await text('empty')).toBe('');
  });

  it('tells an object that is missing', async () => {
    expect(await storage.read('missing', 10)).toBeUndefined();
    expect(await storage.readAt('missing', 0, 10)).toBeUndefined();
  });

  it('refuses to read an object that is larger than the limit', async () => {
    await storage.create('a', Buffer.from('12345'));
    await expect(storage.read('a', 4)).rejects.toThrow(/a (has|is longer)/);
  });

  it('reads a range, cut at the end of the object', async () => {
    await storage.create('a', Buffer.from('0123456789'));
    const ranges: [number, number][] = [
      [0, 3],
      [4, 1],
      [8, 100],
      [10, 5],
      [99, 1],
    ];
    const read = await Promise.all(ranges.map(([position, length]) => storage.readAt('a', position, length)));
    expect(read.map(String)).toEqual(['012', '4', '89', '', '']);
  });

  it('lists what begins with a prefix, over several pages, in the order of the keys', async () => {
    const names = ['a/2', 'a/10', 'a/1', 'b/1', 'a/3', 'a=b/c', 'a/4'];
    for (const name of names) await storage.create(name, Buffer.from(name));
    expect(await keys('a/')).toEqual(['a/1', 'a/10', 'a/2', 'a/3', 'a/4']);
    expect(await keys('')).toEqual(names.toSorted());
    expect(await keys('none/')).toEqual([]);
    expect(await keys('a/', { after: 'a/10' })).toEqual(['a/2', 'a/3', 'a/4']);
    expect(await keys('a/', { after: 'a/11' })).toEqual(['a/2', 'a/3', 'a/4']);
  });

  it('lists the sizes', async () => {
    await storage.create('a', Buffer.from('12345'));
    for await (const object of storage.list('a')) expect(object).toEqual({ key: 'a', size: 5 });
  });

  it('deletes an object, and one that is missing', async () => {
    await storage.create('a', Buffer.from('1'));
    await storage.delete('a');
    await storage.delete('a');
    expect(await text('a')).toBeUndefined();
    expect(await storage.create('a', Buffer.from('2'))).toBe('created');
  });
});
