import { describe, expect, it, onTestFinished } from 'vitest';
import { restore } from '../../src/index.js';
import { LOCALS } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';
import { serveArchive, writeBatch } from '../support/s3-archive.js';
import { readS3Archive } from '../support/s3-archive-oracle.js';

/** An archive in S3 of three items an hour, over three hours; with repeats, the first hour's items are there twice. */
async function inS3({ repeats = false } = {}) {
  const objects = new Map<string, Buffer>();
  for (const hour of [0, 1, 2]) await writeBatch(objects, 3, { hour, from: 10 * hour });
  // As when AWS Lambda delivers a batch again, cut differently.
  if (repeats) await writeBatch(objects, 2);
  const { server } = await serveArchive(objects);
  onTestFinished(() => server.close());
  const items = readS3Archive(objects).map(({ line }) => JSON.parse(line).Item);
  return { place: { out: 's3://bucket/orders', s3EndpointUrl: server.endpointUrl }, server, items };
}

describe.each(LOCALS)('the library: restore from S3, on DynamoDB Local $version', ({ endpoint }) => {
  const connection = { endpointUrl: endpoint, region: 'us-east-1' };

  it('puts each item back as it was, and the second time none', async () => {
    const { place, items } = await inS3({ repeats: true });
    const table = await createLocalTable(endpoint, { viewType: null });
    const options = { ...place, connection, table: table.TableName, ttl: 'keep' } as const;
    expect(items).toHaveLength(9);
    const result = { table: table.TableName, failed: 0, damaged: 0, interrupted: false };
    expect(await restore(options)).toMatchObject({ ...result, restored: 9, skipped: 0 });
    for (const item of items) expect(await table.get(item)).toEqual(item);
    expect(await restore(options)).toMatchObject({ ...result, restored: 0, skipped: 9 });
    await table.drop();
  });

  it('puts the items of one key, or of a time, and none with dryRun', async () => {
    const { place, items } = await inS3();
    const table = await createLocalTable(endpoint, { viewType: null, ttlAttribute: 'ttl' });
    const options = { ...place, connection, table: table.TableName };
    const [first, , , later] = items;
    expect(await restore({ ...options, dryRun: true })).toMatchObject({ restored: 9 });
    expect(await table.get(first)).toBeUndefined();
    expect(await restore({ ...options, key: { PK: first.PK } })).toMatchObject({ restored: 1 });
    const { ttl: _, ...withoutTtl } = first;
    expect(await table.get(first)).toEqual(withoutTtl);
    expect(await table.get(later)).toBeUndefined();
    const since = new Date(Number(later.ttl.N) * 1000);
    expect(await restore({ ...options, since })).toMatchObject({ restored: 6, skipped: 0 });
    expect(await table.get(later)).toMatchObject({ PK: later.PK });
    await table.drop();
  });

  it('restores the rest when a manifest is damaged and data is missing, and says so', async () => {
    const { place, server, items } = await inS3();
    const keys = [...server.objects.keys()].toSorted();
    const [manifest = ''] = keys.filter((name) => name.includes('/manifests/'));
    const data = keys.findLast((name) => name.endsWith('.json.gz')) ?? '';
    server.objects.set(manifest, Buffer.from('{}\n'));
    server.objects.delete(data);
    const table = await createLocalTable(endpoint, { viewType: null });
    const failed: string[] = [];
    const result = await restore({
      ...place,
      connection,
      table: table.TableName,
      onFailed: ({ reason }) => failed.push(reason),
    });
    expect(result).toMatchObject({ restored: 3, failed: 3, damaged: 1 });
    expect(failed).toHaveLength(3);
    const restored = await Promise.all(items.map((item) => table.get(item)));
    expect(restored.flatMap((item) => item?.['PK'] ?? [])).toEqual([10, 11, 12].map((n) => ({ S: `key-${n}` })));
    await table.drop();
  });
});
