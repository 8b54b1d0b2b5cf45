import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { MANIFESTS, partitionOf } from './layout.js';
import { manifestEntries } from './manifest.js';

/** Bytes of a manifest, which is gzipped: an entry takes about 100 of them. */
export const MAX_MANIFEST = 128 * 1024 * 1024;

export interface ManifestRange {
  /** ISO 8601: manifests of the hours before it are not listed, of those after `until` not read. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * Every archived item of an archive in S3, by the hour of its deletion: a repeated eventID is dropped, because batches of
 * Lambda that were retried may overlap. A record has the same hour in all of them, so that only one hour's eventIDs are
 * held. Throws JOURNAL for a damaged manifest, and what the storage throws.
 */
export async function* readManifests(
  storage: ObjectStorage,
  { since, until }: ManifestRange = {},
): AsyncGenerator<ItemEntry> {
  const after = since === undefined ? {} : { after: `${MANIFESTS}${partitionOf(since)}` };
  const last = until === undefined ? undefined : `${MANIFESTS}${partitionOf(until)}`;
  let folder = '';
  const seen = new Set<string>();
  for await (const { key } of storage.list(MANIFESTS, after)) {
    const own = key.slice(0, key.lastIndexOf('/'));
    if (last !== undefined && own > last) return;
    if (own !== folder) seen.clear();
    folder = own;
    const content = await storage.read(key, MAX_MANIFEST);
    // It was deleted since it was listed.
    if (content === undefined) continue;
    for await (const entry of manifestEntries(content, key)) {
      if (seen.has(entry.eventID)) continue;
      seen.add(entry.eventID);
      yield entry;
    }
  }
}
