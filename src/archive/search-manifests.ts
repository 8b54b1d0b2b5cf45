import type { TtlArchiveError } from '../errors.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { isDamage, manifestBatches } from './decode-manifest.js';
import type { ManifestOptions } from './read-manifests.js';
import { scanManifests } from './scan-manifests.js';

/**
 * The entries of an archive in S3 whose lines contain one of `needles`, by the hour of deletion; an entry may come twice. To
 * find a few quickly, many manifests are searched at a time.
 */
export async function* searchManifests(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  needles: readonly Buffer[],
  { onDamage, ...range }: ManifestOptions = {},
): AsyncGenerator<ItemEntry, void, undefined> {
  const search = async (content: Buffer, key: string) => {
    const entries: ItemEntry[] = [];
    try {
      for await (const batch of manifestBatches(content, { key, needles })) entries.push(...batch);
      return { entries };
    } catch (error) {
      if (isDamage(error)) return { entries, damage: error };
      throw error;
    }
  };
  for await (const { found } of scanManifests<{ entries: ItemEntry[]; damage?: TtlArchiveError }>(
    storage,
    range,
    search,
  )) {
    yield* found.entries;
    if (found.damage === undefined) continue;
    if (onDamage === undefined) throw found.damage;
    onDamage(found.damage);
  }
}
