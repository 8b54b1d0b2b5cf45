import type { TtlArchiveError } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { entryParser, isDamage, type LineParser, parsedBatches } from './decode-manifest.js';
import { type ItemTimes, timesParser } from './item-times.js';
import { dataOf } from './layout.js';
import type { HourRange } from './list-hours.js';
import { scanManifests } from './scan-manifests.js';

export interface ManifestOptions extends HourRange {
  /** Called for a damaged manifest, whose other entries are read; without it, the error is thrown. */
  readonly onDamage?: ((error: TtlArchiveError) => void) | undefined;
  /** Only what these data objects hold, also when others hold it, too. */
  readonly files?: ReadonlySet<string> | undefined;
}

interface SearchOptions extends ManifestOptions {
  readonly needles?: readonly Buffer[];
}

/**
 * Every archived item of an archive in S3, by the hour of its deletion: a repeated eventID is dropped, because batches of
 * Lambda that were retried may overlap. A record has the same hour in all of them, so that only one hour's eventIDs are
 * held (about 25 bytes each). Throws JOURNAL for a damaged manifest, and what the storage throws.
 */
export async function* readManifests(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  options: ManifestOptions = {},
): AsyncGenerator<ItemEntry, void, undefined> {
  for await (const batch of readInBatches(storage, options)) yield* batch;
}

/** What `readManifests` gives, some hundred items at a time; with `needles`, only those whose lines contain one of them. */
export function readInBatches(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  options: SearchOptions,
): AsyncGenerator<ItemEntry[], void, undefined> {
  return readParsed(storage, options, entryParser);
}

/** As `readInBatches`, in less time: only what it takes to count the items. */
export function readTimes(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  options: SearchOptions,
): AsyncGenerator<ItemTimes[], void, undefined> {
  return readParsed(storage, options, timesParser);
}

async function* readParsed<T extends ItemTimes>(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  { onDamage, files, needles, ...range }: SearchOptions,
  parser: LineParser<T>,
): AsyncGenerator<T[], void, undefined> {
  let hour = '';
  let seen = new HashTable();
  const contents = scanManifests(storage, range, async (content, key) => ({ content, key }));
  for await (const { folder, found } of contents) {
    if (folder !== hour) seen = new HashTable();
    hour = folder;
    if (files?.has(dataOf(found.key) ?? '') === false) continue;
    try {
      for await (const batch of parsedBatches(found.content, { key: found.key, needles, parser })) {
        yield batch.filter(({ eventID }) => seen.set(eventID));
      }
    } catch (error) {
      if (onDamage === undefined || !isDamage(error)) throw error;
      onDamage(error);
    }
  }
}
