import { manifestOf } from '../archive/layout.js';
import { encodeManifest } from '../archive/manifest.js';
import { ObjectName } from '../archive/object-name.js';
import { forEachOf } from '../lib/task-pool.js';
import type { ArchivedItem, ObjectStorage } from '../ports/index.js';
import { batchesOf } from './segment-batch.js';

/** A batch has items of one or two hours, unless their times are absurd. */
const CONCURRENT_HOURS = 4;

/** What was written to S3. */
export interface WrittenObjects {
  /** Data objects. */
  readonly objects: number;
  /** Of the data objects. */
  readonly bytes: number;
  /** Data objects that an earlier attempt had written already. */
  readonly repeated: number;
}

/**
 * Writes items to an archive in S3: for each hour of deletion a data object, and then its manifest. When it resolves, all
 * of it is durable; when it rejects, the same items may be written again.
 *
 * @throws what the storage throws.
 */
export async function writeObjects(
  storage: ObjectStorage,
  items: readonly ArchivedItem[],
  { table, failed }: { readonly table: string; readonly failed?: string | undefined },
): Promise<WrittenObjects> {
  const written = { objects: 0, bytes: 0, repeated: 0 };
  const batches = await batchesOf(items, { format: 'item', compress: 'gzip' });
  await forEachOf(batches, CONCURRENT_HOURS, async (batch) => {
    const entries = batch.entriesAt('', 0).map(({ entry }) => entry);
    const name = new ObjectName();
    for (const entry of entries) name.add(entry);
    const file = name.key();
    const outcome = await createWithManifest(storage, file, {
      data: batch.bytes,
      manifest: await encodeManifest({ table, file, failed }, entries),
    });
    written.objects++;
    written.bytes += batch.bytes.length;
    if (outcome === 'exists') written.repeated++;
  });
  return written;
}

/** A data object with its manifest. */
interface ObjectPair {
  readonly data: Uint8Array;
  readonly manifest: Uint8Array;
}

/** Creates a data object, then its manifest. An object of the same name holds the same lines: only its manifest may be missing. */
export async function createWithManifest(
  storage: ObjectStorage,
  file: string,
  { data, manifest }: ObjectPair,
): Promise<'created' | 'exists'> {
  const outcome = await storage.create(file, data);
  const isNew = (await storage.create(manifestOf(file), manifest)) === 'created';
  // Both may have been replaced by a merged object meanwhile (`compact`): a manifest must not be without its data.
  if (outcome === 'exists' && isNew) await storage.create(file, data);
  return outcome;
}
