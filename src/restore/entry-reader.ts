import { hash } from 'node:crypto';
import { join } from 'node:path';
import { isArchivePath } from '../archive/entry-path.js';
import { linesOf, readGzipMember } from '../archive/gzip-member.js';
import { MAX_ITEM } from '../archive/limits.js';
import { readSegment } from '../archive/segment-path.js';
import { hasCode } from '../errors.js';
import { createLimiter } from '../lib/limiter.js';
import type { Disk, ItemEntry } from '../ports/index.js';

/** An entry's text, checked against the journal, or why it is not available. */
type EntryContent = { readonly text: string } | { readonly problem: string };

export type EntryReader = (entry: ItemEntry) => Promise<EntryContent>;

/** Entries are in the order of the journal, so the lines of a gzip member are close together, mixed with a few others. */
const CACHED_MEMBERS = 4;
/** A member with more bytes than this is the only one in memory. */
const LARGE_MEMBER = 4 * 1024 * 1024;
/** Items with more bytes than this count towards LARGE_AT_A_TIME. */
const LARGE_ITEM = 1024 * 1024;
/** Members or large items that are read concurrently: each may take twice MAX_PIECE of memory. */
const LARGE_AT_A_TIME = 2;

/** Where the bytes of entries lie. */
export interface EntrySource {
  /** The content of the gzip member that begins at `offset`; undefined when it is missing or damaged. */
  readonly readMember: (file: string, offset: number) => Promise<Buffer | undefined>;
  /** The bytes of an entry that is not in a gzip member. */
  readonly readPlain: (entry: ItemEntry) => Promise<Buffer | undefined>;
}

/** Reads the items of an archive folder one by one. */
export function createEntryReader(archive: { disk: Disk; directory: string }): EntryReader {
  const { disk, directory } = archive;
  return entryReaderOf({
    async readMember(file, offset) {
      return (await readSegment(archive, file, (path) => readGzipMember({ disk }, { path, offset })))?.content;
    },
    async readPlain({ file, offset, size }) {
      if (offset !== undefined) return readSegment(archive, file, (path) => disk.readAt(path, offset, size));
      const path = join(directory, file);
      return (await disk.size(path)) === size ? disk.read(path, size) : undefined;
    },
  });
}

/** Reads archived items one by one. A gzip member is inflated once for all its lines. */
export function entryReaderOf(source: EntrySource): EntryReader {
  const members = new Map<string, Promise<Buffer[] | undefined>>();
  const limit = createLimiter(LARGE_AT_A_TIME);

  const readMember = async (file: string, offset: number): Promise<Buffer[] | undefined> => {
    const content = await source.readMember(file, offset);
    if (content === undefined) return undefined;
    if (content.length > LARGE_MEMBER) members.clear();
    return linesOf(content);
  };
  const memberLines = async (file: string, offset: number): Promise<Buffer[] | undefined> => {
    const name = `${file}@${offset}`;
    const known = members.get(name);
    if (known !== undefined) return known;
    const reading = limit(() => readMember(file, offset));
    members.set(name, reading);
    const [oldest] = members.keys();
    if (members.size > CACHED_MEMBERS && oldest !== undefined) members.delete(oldest);
    return reading;
  };
  const readBytes = async (entry: ItemEntry): Promise<Buffer | undefined> => {
    const { file, offset, line } = entry;
    if (offset === undefined || line === undefined) return source.readPlain(entry);
    return (await memberLines(file, offset))?.[line];
  };

  const readEntry = async (entry: ItemEntry): Promise<EntryContent> => {
    try {
      const bytes = await readBytes(entry);
      if (bytes !== undefined && hash('sha256', bytes) === entry.sha256) return { text: bytes.toString('utf8') };
    } catch (error) {
      // A folder in place of a file, or a bad sector, affects only this item.
      if (!hasCode(error, 'DISK')) throw error;
      return { problem: error.message };
    }
    return { problem: 'its bytes in the archive are missing or altered' };
  };

  return async (entry) => {
    if (!isArchivePath(entry.file)) return { problem: 'the journal names a file outside the archive folder' };
    if (entry.size > MAX_ITEM) return { problem: `it has more than ${MAX_ITEM} bytes, which no item has` };
    // The lines of a member wait for the member.
    return entry.size > LARGE_ITEM && entry.line === undefined ? limit(() => readEntry(entry)) : readEntry(entry);
  };
}
