import { writeObjects } from '../../src/store/object-writer.js';
import { type ArchivedItemsOptions, archivedItems } from './archived-items.js';
import { DELETED_AT } from './change-record.js';
import { memoryStorage } from './memory-storage.js';
import { type S3Server, startS3Server } from './s3-server/s3-server.js';

/** Writes one batch of items, deleted so many hours after DELETED_AT, as the Lambda handler does. */
export async function writeBatch(
  objects: Map<string, Buffer>,
  count: number,
  { hour = 0, ...options }: ArchivedItemsOptions & { readonly hour?: number } = {},
): Promise<void> {
  const items = archivedItems(count, { deletedAt: DELETED_AT + 3600 * hour, ...options });
  await writeObjects(memoryStorage(objects), items, { table: 'Orders' });
}

/**
 * Does what merging the objects of an hour does, in its order: one object with all the items (they are `archivedItems`),
 * then without the manifests, then without the data. Gives the steps after the first one.
 */
export async function mergeHour(
  objects: Map<string, Buffer>,
  count: number,
  options: ArchivedItemsOptions = {},
): Promise<{ deleteManifests(): void; deleteData(): void }> {
  const before = new Set(objects.keys());
  await writeBatch(objects, count, options);
  const merged = [...objects.keys()].filter((key) => !before.has(key));
  const [folder = ''] = /year=\d+\/month=\d+\/day=\d+\/hour=\d+/.exec(merged[0] ?? '') ?? [];
  const parts = [...before].filter((key) => key.includes(folder));
  const remove = (isManifest: boolean) => () => {
    for (const key of parts) if (key.startsWith('.ttl-archive/') === isManifest) objects.delete(key);
  };
  return { deleteManifests: remove(true), deleteData: remove(false) };
}

/** A fake S3 with these objects under `orders/`, and the options of a command that reads them. */
export async function serveArchive(
  objects: ReadonlyMap<string, Buffer>,
  options: Parameters<typeof startS3Server>[0] = {},
): Promise<{ readonly server: S3Server; readonly place: readonly string[] }> {
  const server = await startS3Server(options);
  for (const [key, content] of objects) server.objects.set(`orders/${key}`, content);
  return { server, place: ['--out', 's3://bucket/orders', '--s3-endpoint-url', server.endpointUrl] };
}
