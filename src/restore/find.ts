import type { ItemEntry, JournalRecord } from '../ports/index.js';
import { committedItems } from './committed-items.js';
import { type KeyQuery, keyNeedles, matchesKey } from './key-text.js';

export interface FindInput {
  /** The journal's committed lines that contain these bytes, in order. */
  readonly search: (needle: Buffer) => AsyncIterable<JournalRecord>;
  /** All committed lines, read when the search finds nothing and a number may have another spelling. */
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly query: KeyQuery;
}

/** The archived versions of a key in the order in which they were archived, the newest last. */
export async function findVersions({ search, journal, query }: FindInput): Promise<ItemEntry[]> {
  const found = new Map<string, { file: string; number: number; entry: ItemEntry }>();
  for (const needle of keyNeedles(query)) {
    for await (const record of search(Buffer.from(needle))) {
      if ('problem' in record || record.line.type !== 'item' || !matchesKey(query, record.line.Keys)) continue;
      const { file, number } = record;
      const { type: _, ...entry } = record.line;
      found.set(`${file}:${number}`, { file, number, entry });
    }
  }
  if (found.size > 0) {
    return [...found.values()]
      .toSorted((a, b) => (a.file === b.file ? a.number - b.number : a.file < b.file ? -1 : 1))
      .map(({ entry }) => entry);
  }
  const entries: ItemEntry[] = [];
  if (!query.some((key) => Object.values(key).some((value) => Object.hasOwn(value, 'N')))) return entries;
  for await (const entry of committedItems(journal())) if (matchesKey(query, entry.Keys)) entries.push(entry);
  return entries;
}

/** Names of the key attributes in the journal's first item; undefined when there is none. */
export async function learnKeyNames(journal: AsyncIterable<JournalRecord>): Promise<string[] | undefined> {
  for await (const record of journal) {
    if ('line' in record && record.line.type === 'item') return Object.keys(record.line.Keys);
  }
  return undefined;
}
