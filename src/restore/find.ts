import type { ItemEntry } from '../ports/index.js';
import { type KeyQuery, keyNeedles, matchesKey, numberNeedles } from './key-text.js';

/** The entries whose lines contain one of these bytes, in the order of the archive. */
export type Search = (needles: readonly Buffer[]) => AsyncIterable<ItemEntry>;

/** The archived versions of a key in the order in which the search gives them. */
export async function findVersions(search: Search, query: KeyQuery): Promise<ItemEntry[]> {
  const found = await matching(search, query, keyNeedles(query));
  if (found.length > 0) return found;
  // A number may have another spelling in the archive.
  const others = numberNeedles(query);
  return others.length === 0 ? found : matching(search, query, others);
}

async function matching(search: Search, query: KeyQuery, needles: readonly string[]): Promise<ItemEntry[]> {
  const entries: ItemEntry[] = [];
  for await (const entry of search(needles.map((needle) => Buffer.from(needle)))) {
    if (matchesKey(query, entry.Keys)) entries.push(entry);
  }
  return entries;
}
