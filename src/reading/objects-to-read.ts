import { isDamage } from '../archive/decode-manifest.js';
import { MANIFESTS } from '../archive/layout.js';
import { listHours } from '../archive/list-hours.js';
import { type ManifestHead, readManifestHead } from '../archive/manifest-head.js';
import type { TtlArchiveError } from '../errors.js';
import { parseS3Url, s3Url } from '../lib/s3-location.js';
import type { ObjectStorage } from '../ports/index.js';
import { findInObjects, objectItems } from '../restore/find-objects.js';
import { createObjectEntryReader } from '../restore/object-entry-reader.js';
import { objectSource } from '../restore/object-source.js';
import type { ArchiveToRead } from './archive-to-read.js';
import { openStorage, type ReadingContext, type S3Reach } from './open-storage.js';

/** Opens the archive under `s3://bucket/prefix` as find and restore read it; undefined when there is no manifest. */
export async function openObjectsIfAny(
  out: string,
  reach: S3Reach,
  context: ReadingContext,
): Promise<ArchiveToRead | undefined> {
  const storage = await openStorage(out, reach, context);
  const head = await firstHead(storage);
  if (head === undefined) return undefined;
  const { bucket, prefix } = parseS3Url(out);
  const placeOf = (file: string) => s3Url({ bucket, prefix: prefix === '' ? file : `${prefix}/${file}` });
  const read = createObjectEntryReader(storage);
  return {
    facts: { table: head.header.table, layout: 'segments', format: 'item', compress: true },
    read,
    firstKey: async () => head.first?.Keys,
    versions: (query, window, onDamage) => findInObjects({ storage, onDamage }, query, window),
    items: (window, onDamage) => objectItems({ storage, onDamage }, window),
    placeOf,
    source: (selection, { keyNames, onDamage }) => {
      const report = (error: TtlArchiveError) => onDamage({ file: out, problem: error.message });
      return objectSource({ storage, read, keyNames, placeOf, onDamage: report }, selection);
    },
  };
}

/** Damaged manifests, or lists of vanished ones, that are passed over. */
const MAX_TRIES = 10;

/** The beginning of the first manifest that can be read. Throws JOURNAL when none of the first ones can be. */
export async function firstHead(storage: ObjectStorage): Promise<ManifestHead | undefined> {
  let damage: TtlArchiveError | undefined;
  let hasVanished = true;
  for (let tries = 0; hasVanished && tries < MAX_TRIES; ) {
    hasVanished = false;
    for await (const { objects } of listHours(storage, MANIFESTS)) {
      for (const { key } of objects) {
        try {
          const head = await readManifestHead(storage, key);
          if (head !== undefined) return head;
          // It was merged into another one.
          hasVanished = true;
        } catch (error) {
          if (!isDamage(error) || ++tries === MAX_TRIES) throw error;
          damage = error;
        }
      }
    }
    tries++;
  }
  if (damage !== undefined) throw damage;
  return undefined;
}
