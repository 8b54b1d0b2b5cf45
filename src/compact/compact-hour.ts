import { manifestOf } from '../archive/layout.js';
import { MAX_MANIFEST } from '../archive/limits.js';
import { mapConcurrently } from '../lib/map-concurrently.js';
import type { ObjectStorage } from '../ports/index.js';
import { createWithManifest } from '../store/object-writer.js';
import { type CompactContext, reportDamage } from './context.js';
import { finishMerges } from './finish-merges.js';
import { hourListing } from './hour-listing.js';
import { notVerified } from './intact-lines.js';
import { Merge, type MergedObject } from './merge.js';
import { isLarge, readSource, readStored } from './read-source.js';
import { removeReplaced } from './remove-replaced.js';

/** An answer of S3 takes a hundred times as long as the work on a small object. */
const READ_AHEAD = { items: 8, weight: 16 * 1024 * 1024, weightOf: ({ bytes }: { readonly bytes: number }) => bytes };

/** Bytes of one request that reads back what was written. */
const PIECE = 8 * 1024 * 1024;

/**
 * Merges the small objects of the hour with the folder `year=…/hour=HH`. At every moment each item is in an object with a
 * manifest: what is replaced is deleted only after the merged object was read back. Throws what the storage throws.
 */
export async function compactHour(context: CompactContext, folder: string): Promise<void> {
  const { storage, totals } = context;
  const hour = await hourListing(storage, folder);
  const gone = await finishMerges(context, hour);
  totals.withoutManifest += [...hour.withoutManifest].filter((file) => !gone.has(file)).length;
  const small = hour.listed.filter((each) => !gone.has(each.file) && !isLarge(each));
  if (small.length < 2) return;

  const before = totals.written.objects;
  const reads = small.map((each) => ({ each, bytes: (each.size ?? 0) + each.manifestSize }));
  const read = async ({ each }: (typeof reads)[number]) => ({
    file: each.file,
    stored: await reportDamage(context, each.file, () => readStored(storage, each)),
  });
  let merge = new Merge();
  for await (const { file, stored } of mapConcurrently(reads, READ_AHEAD, read)) {
    const source = stored && (await reportDamage(context, file, () => readSource(file, stored)));
    if (source === undefined) continue;
    if (!merge.takes(source)) {
      await replace(context, folder, merge);
      merge = new Merge();
    }
    await merge.add(source);
  }
  await replace(context, folder, merge);
  if (totals.written.objects > before) totals.hours++;
}

/** Writes the merged object, reads it back, and deletes what it replaces. */
async function replace(context: CompactContext, folder: string, merge: Merge): Promise<void> {
  const { storage, totals } = context;
  if (merge.sources.length < 2) return;
  const merged = await merge.finish();
  await createWithManifest(storage, merged.file, merged);
  if ((await reportDamage(context, merged.file, () => readBack(storage, merged))) === undefined) return;
  totals.written.objects++;
  totals.written.bytes += merged.data.length;
  await removeReplaced(
    storage,
    folder,
    merge.sources.map(({ file }) => file),
  );
  totals.merged.objects += merge.sources.length;
  for (const { size } of merge.sources) totals.merged.bytes += size;
}

/** True; throws NOT_VERIFIED when S3 does not give what was written to it. */
async function readBack(storage: ObjectStorage, { file, data, manifest }: MergedObject): Promise<true> {
  let isSame = await gives(manifest, () => storage.read(manifestOf(file), MAX_MANIFEST));
  // In pieces, because the object itself is in memory already; the last one is empty.
  for (let at = 0; isSame && at <= data.length; at += PIECE) {
    isSame = await gives(data.subarray(at, at + PIECE), () => storage.readAt(file, at, PIECE));
  }
  if (!isSame) throw notVerified(file, 'is not as it was written');
  return true;
}

/** What differs is read once more: the answer with a part of an object has no checksum, and may be altered on its way. */
async function gives(expected: Buffer, read: () => Promise<Buffer | undefined>): Promise<boolean> {
  return (await read())?.equals(expected) === true || (await read())?.equals(expected) === true;
}
