import { firstHead } from '../archive/first-head.js';
import type { TtlArchiveError } from '../errors.js';
import { parseS3Url, s3Url } from '../lib/s3-location.js';
import { countObjectItems, findInObjects, objectItems } from '../restore/find-objects.js';
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
    count: (window, onDamage) => countObjectItems({ storage, onDamage }, window),
    placeOf,
    source: (selection, { keyNames, onDamage }) => {
      const report = (error: TtlArchiveError) => onDamage({ file: out, problem: error.message });
      return objectSource({ storage, read, keyNames, placeOf, onDamage: report }, selection);
    },
  };
}
