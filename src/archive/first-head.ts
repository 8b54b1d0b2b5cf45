import type { TtlArchiveError } from '../errors.js';
import type { ObjectStorage } from '../ports/index.js';
import { isDamage } from './decode-manifest.js';
import { MANIFESTS } from './layout.js';
import { listHours } from './list-hours.js';
import { type ManifestHead, readManifestHead } from './manifest-head.js';

/** Damaged manifests, or lists of vanished ones, that are passed over. */
const MAX_TRIES = 10;

/** The beginning of the first manifest that can be read. Throws JOURNAL when none of the first ones can be. */
export async function firstHead(storage: Pick<ObjectStorage, 'list' | 'readAt'>): Promise<ManifestHead | undefined> {
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
