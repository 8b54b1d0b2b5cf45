import { createHash, hash } from 'node:crypto';
import { partitionOf } from '../archive/layout.js';
import type { ItemEntry } from '../ports/index.js';

const MERGED = /\/merged-(\d{4})-[^/]*$/;
const HASH_LENGTH = 32;
const LAST_GENERATION = 9999;

/** How often the lines of a data object were merged: 0 for one that its writer has left. */
export function generationOf(file: string): number {
  return Number(MERGED.exec(file)?.[1] ?? 0);
}

/** True for an object whose successor can have a name. */
export function canBeMerged(file: string): boolean {
  return generationOf(file) < LAST_GENERATION;
}

/**
 * The key of a merged data object. It sorts behind all that it replaces: a listing that passes one of those after it was
 * deleted still has the merged one before it. The hash covers everything that is in the object and in its manifest, so
 * that whoever finds one of that name has the same to say of it.
 */
export function mergedName(
  entries: readonly ItemEntry[],
  { merged, data }: { readonly merged: readonly string[]; readonly data: Uint8Array },
): string {
  const deletedAt = entries[0]?.deletedAt ?? '';
  const generation = Math.max(...merged.map(generationOf)) + 1;
  const digest = createHash('sha256').update(`${[hash('sha256', data), ...merged].join('\n')}\n`);
  for (const { eventID, sha256 } of entries) digest.update(`${JSON.stringify([eventID, sha256])}\n`);
  const time = deletedAt.replace(/\.\d+|[-:]/g, '');
  return `${partitionOf(deletedAt)}/merged-${String(generation).padStart(4, '0')}-${time}-${digest.digest('hex').slice(0, HASH_LENGTH)}.json.gz`;
}
