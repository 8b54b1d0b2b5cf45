import { HashTable } from '../lib/hash-table.js';
import type { ItemEntry, JournalRecord } from '../ports/index.js';
import { committedItems } from './committed-items.js';
import { type Decoded, type DeletionOrder, decodeItem, isOlder } from './decode-item.js';
import type { EntryReader } from './entry-reader.js';
import type { EventList } from './event-list.js';
import { type KeyQuery, keyOf, keyText, matchesKey } from './key-text.js';
import { isWithin } from './window.js';

/** An archived version of an item that is to be restored. */
export interface Candidate {
  /** Its place, for messages. Untrusted. */
  readonly where: string;
  /** Its key (`keyText`), if that is known before it is read. */
  readonly key?: string | undefined;
  load(): Promise<Decoded>;
}

/** Candidates in the order in which they must be put, and their number when it is known. */
export interface Source {
  readonly count?: number;
  candidates(): AsyncIterable<Candidate>;
}

/** `newest`: only the version of a key that was deleted last. `all`: all versions in the order of their deletion. */
export type Versions = 'newest' | 'all';

export interface Selection {
  readonly versions: Versions;
  readonly key?: KeyQuery | undefined;
  /** Deleted at or after this time (epoch milliseconds). */
  readonly since?: number | undefined;
  /** Deleted at or before this time (epoch milliseconds). */
  readonly until?: number | undefined;
  /** Only items in these files (paths relative to the archive folder). */
  readonly files?: ReadonlySet<string> | undefined;
  /** Only these items. */
  readonly events?: EventList | undefined;
}

export interface JournalInput {
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly read: EntryReader;
  readonly keyNames: readonly string[];
  readonly onProblem?: (record: { file: string; number: number; problem: string }) => void;
}

export interface JournalSource extends Source {
  /** The files of the selection that the journal lists. */
  readonly found: ReadonlySet<string>;
}

/**
 * The items of a selection that the journal lists. It is read twice: first to find the newest version of each key (16 bytes
 * a key in memory), then to return them.
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
        // A running watch may have added lines since the first pass, which decides.
        if (++position > seen) return;
        if (!isSelected(entry, selection)) continue;
        if (versions === 'newest' && newest.get(keyText(entry.Keys)) !== position) continue;
        yield candidateOf(entry, input);
      }
    },
  };
}

/** External items; each call of `again` reads them from the beginning. */
export async function externalSource(
  again: () => AsyncIterable<{ readonly where: string; readonly decoded: Decoded }>,
  input: { readonly keyNames: readonly string[]; readonly versions: Versions; readonly key?: KeyQuery | undefined },
): Promise<Source> {
  const { keyNames, versions, key: query } = input;
  const newest = new HashTable();
  /** When the newest versions were deleted, as far as their source says. */
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

/** True when the entry is one of those that were asked for. */
export function isSelected(entry: ItemEntry, { key, since, until, files, events }: Selection): boolean {
  if (events !== undefined && !events.find(entry.eventID)) return false;
  if (files !== undefined && !files.has(entry.file)) return false;
  if (key !== undefined && !matchesKey(key, entry.Keys)) return false;
  return isWithin({ since, until }, entry);
}

interface CandidateInput {
  readonly read: EntryReader;
  readonly keyNames: readonly string[];
  /** The file, for messages; default: its path in the archive. */
  readonly placeOf?: (file: string) => string;
}

/** The item of an entry, not read yet. */
export function candidateOf(entry: ItemEntry, { read, keyNames, placeOf = (file) => file }: CandidateInput): Candidate {
  const { offset, line } = entry;
  const file = placeOf(entry.file);
  const where = offset === undefined ? file : `${file}@${offset}${line === undefined ? '' : `:${line}`}`;
  return {
    where,
    key: keyText(entry.Keys),
    load: async () => {
      const content = await read(entry);
      if ('problem' in content) return content;
      const decoded = decodeItem(content.text, keyNames);
      if ('problem' in decoded) return decoded;
      if (!matchesKey([entry.Keys], decoded.item)) return { problem: 'its key is not the one in the journal' };
      const { deletedAt, SequenceNumber } = entry;
      return { item: decoded.item, deleted: { at: Date.parse(deletedAt), SequenceNumber } };
    },
  };
}
