import { hash } from 'node:crypto';
import { manifestOf } from '../archive/layout.js';
import { encodeManifest } from '../archive/manifest.js';
import { forEachOf } from '../lib/task-pool.js';
import type { ArchivedItem, ItemEntry, ObjectStorage } from '../ports/index.js';
import { batchesOf, type SegmentBatch } from './segment-batch.js';

/** 128 bits: the name alone tells a data object from every other one. */
const HASH_LENGTH = 32;
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
  { table }: { readonly table: string },
): Promise<WrittenObjects> {
  const written = { objects: 0, bytes: 0, repeated: 0 };
  const batches = await batchesOf(items, { format: 'item', compress: 'gzip' });
  await forEachOf(batches, CONCURRENT_HOURS, async (batch) => {
    const entries = batch.entriesAt('', 0).map(({ entry }) => entry);
    const file = `${batch.folder}/${nameOf(batch, entries)}.json.gz`;
    // An object of this name holds these very lines: only the manifest may be missing.
    const outcome = await storage.create(file, batch.bytes);
    await storage.create(manifestOf(file), await encodeManifest({ table, file }, entries));
    written.objects++;
    written.bytes += batch.bytes.length;
    if (outcome === 'exists') written.repeated++;
  });
  return written;
}

/** Time of the first deletion, and a hash of which records there are, in which order, as which bytes. */
function nameOf({ first }: SegmentBatch, entries: readonly ItemEntry[]): string {
  const time = first.record.deletedAt.replace(/\.\d+|[-:]/g, '');
  const lines = entries.map(({ eventID, sha256 }) => `${JSON.stringify([eventID, sha256])}\n`).join('');
  return `${time}-${hash('sha256', lines, 'hex').slice(0, HASH_LENGTH)}`;
}
