import { HashTable } from '../lib/hash-table.js';
import type { ItemEntry, JournalRecord } from '../ports/index.js';
import { committedItems } from './committed-items.js';
import { type Decoded, type DeletionOrder, decodeItem, isOlder } from './decode-item.js';
import type { EntryReader } from './entry-reader.js';
import { type KeyQuery, keyOf, keyText, matchesKey } from './key-text.js';

/** One archived version of an item that is to be put back. */
export interface Candidate {
  /** Where it lies, for messages. Untrusted. */
  readonly where: string;
  /** Its key as text (`keyText`), as far as that is known before it is read. */
  readonly key?: string | undefined;
  load(): Promise<Decoded>;
}

/** Candidates in the order in which they have to be put; how many, when that is known. */
export interface Source {
  readonly count?: number;
  candidates(): AsyncIterable<Candidate>;
}

/** `newest`: of the versions of a key only the one deleted last. `all`: each of them, in the order of their deletion. */
export type Versions = 'newest' | 'all';

export interface Selection {
  readonly versions: Versions;
  readonly key?: KeyQuery | undefined;
  /** Deleted at or after this moment (epoch milliseconds). */
  readonly since?: number | undefined;
  /** Deleted before or at this moment (epoch milliseconds). */
  readonly until?: number | undefined;
  /** Only what lies in these files (paths relative to the archive folder). */
  readonly files?: ReadonlySet<string> | undefined;
}

export interface JournalInput {
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly read: EntryReader;
  readonly keyNames: readonly string[];
  readonly onProblem?: (record: { file: string; number: number; problem: string }) => void;
}

export interface JournalSource extends Source {
  /** Of the selection's files those that the journal lists. */
  readonly found: ReadonlySet<string>;
}

/**
 * What the journal lists of a selection. The journal is read twice: once to learn which version of a key is the newest
 * (16 bytes a key in memory), and once to give them.
 */
export async function journalSource(input: JournalInput, selection: Selection): Promise<JournalSource> {
  const { versions, files } = selection;
  const newest = new HashTable();
  const found = new Set<string>();
  let seen = 0;
  let all = 0;
  for await (const entry of committedItems(input.journal(), input.onProblem)) {
    seen++;
    if (!isSelected(entry, selection)) continue;
    all++;
    if (versions === 'newest') newest.set(keyText(entry.Keys), seen);
    if (files !== undefined) found.add(entry.file);
  }
  return {
    found,
    count: versions === 'newest' ? newest.size : all,
    candidates: async function* () {
      let position = 0;
      for await (const entry of committedItems(input.journal())) {
        // A running watch may have added lines since; the first reading has decided.
        if (++position > seen) return;
        if (!isSelected(entry, selection)) continue;
        if (versions === 'newest' && newest.get(keyText(entry.Keys)) !== position) continue;
        yield candidateOf(entry, input);
      }
    },
  };
}

/** Items outside an archive, already decoded; `again` reads them once more from the beginning. */
export async function externalSource(
  again: () => AsyncIterable<{ readonly where: string; readonly decoded: Decoded }>,
  input: { readonly keyNames: readonly string[]; readonly versions: Versions; readonly key?: KeyQuery | undefined },
): Promise<Source> {
  const { keyNames, versions, key: query } = input;
  const newest = new HashTable();
  /** Of the newest versions those whose source says when they were deleted. */
  const deleted = new Map<string, DeletionOrder>();
  const textOf = (decoded: Decoded): string | undefined => {
    const key = 'item' in decoded ? keyOf(decoded.item, keyNames) : undefined;
    return key === undefined ? undefined : keyText(key);
  };
  let seen = 0;
  if (versions === 'newest') {
    for await (const { decoded } of again()) {
      seen++;
      const text = textOf(decoded);
      if (text === undefined) continue;
      const order = 'item' in decoded ? decoded.deleted : undefined;
      if (isOlder(order, deleted.get(text))) continue;
      newest.set(text, seen);
      if (order !== undefined) deleted.set(text, order);
    }
    deleted.clear();
  }
  return {
    candidates: async function* () {
      let position = 0;
      for await (const { where, decoded } of again()) {
        position++;
        const text = textOf(decoded);
        if (versions === 'newest' && text !== undefined && newest.get(text) !== position) continue;
        if (query !== undefined && 'item' in decoded && !matchesKey(query, decoded.item)) continue;
        yield { where, key: text, load: async () => decoded };
      }
    },
  };
}

function isSelected(entry: ItemEntry, { key, since, until, files }: Selection): boolean {
  if (files !== undefined && !files.has(entry.file)) return false;
  if (key !== undefined && !matchesKey(key, entry.Keys)) return false;
  if (since === undefined && until === undefined) return true;
  const deleted = Date.parse(entry.deletedAt);
  return deleted >= (since ?? Number.NEGATIVE_INFINITY) && deleted <= (until ?? Number.POSITIVE_INFINITY);
}

function candidateOf(entry: ItemEntry, { read, keyNames }: JournalInput): Candidate {
  const { file, offset, line } = entry;
  const where = offset === undefined ? file : `${file}@${offset}${line === undefined ? '' : `:${line}`}`;
  return {
    where,
    key: keyText(entry.Keys),
    load: async () => {
      const content = await read(entry);
      if ('problem' in content) return content;
      const decoded = decodeItem(content.text, keyNames);
      if ('problem' in decoded) return decoded;
      if (matchesKey([entry.Keys], decoded.item)) return { item: decoded.item, deleted: orderOf(entry) };
      return { problem: 'its key is not the one that the journal names' };
    },
  };
}

function orderOf({ deletedAt, SequenceNumber }: ItemEntry): DeletionOrder {
  return { at: Date.parse(deletedAt), SequenceNumber };
}
