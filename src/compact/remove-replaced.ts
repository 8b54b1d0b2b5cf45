import { MANIFESTS, manifestOf } from '../archive/layout.js';
import { forEachOf } from '../lib/task-pool.js';
import type { ObjectStorage } from '../ports/index.js';

const CONCURRENT_DELETES = 16;
/** A writer that repeats its work creates an object once. */
const ROUNDS = 3;

/**
 * Deletes data objects of an hour that another one replaces: the manifests first, because a manifest must not be without
 * its data. A writer that repeats its work at this moment may create a manifest again, whose data is then deleted: so the
 * hour is listed once more.
 */
export async function removeReplaced(storage: ObjectStorage, folder: string, files: readonly string[]): Promise<void> {
  let left = files;
  for (let round = 0; round < ROUNDS && left.length > 0; round++) {
    await forEachOf(left, CONCURRENT_DELETES, (file) => storage.delete(manifestOf(file)));
    await forEachOf(left, CONCURRENT_DELETES, (file) => storage.delete(file));
    const listed = new Set<string>();
    for await (const { key } of storage.list(`${MANIFESTS}${folder}/`)) listed.add(key);
    left = files.filter((file) => listed.has(manifestOf(file)));
  }
}
