import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, ItemEntry } from '../ports.js';
import { assertArchivePath } from './entry-path.js';
import { linesOf, readGzipMember } from './gzip-member.js';
import { readSegment } from './segment-path.js';

/** An entry's bytes, checked against the journal, or why they cannot be had. */
type EntryContent = { readonly text: string } | { readonly problem: string };

export type EntryReader = (entry: ItemEntry) => Promise<EntryContent>;

/** Entries come in the order of the journal, so the lines of one gzip member come together, from a few shards at once. */
const CACHED_MEMBERS = 4;

/**
 * Reads archived items one by one. In `segments` a gzip member is inflated once for all its lines.
 *
 * @throws TtlArchiveError JOURNAL for an entry that points out of the archive, and what the disk throws.
 */
export function createEntryReader(archive: { disk: Disk; directory: string }): EntryReader {
  const { disk, directory } = archive;
  const members = new Map<string, Promise<Buffer[] | undefined>>();

  const readMember = async (file: string, offset: number): Promise<Buffer[] | undefined> => {
    const member = await readSegment(archive, file, (path) => readGzipMember({ disk }, path, offset));
    return member === undefined ? undefined : linesOf(member.content);
  };
  const memberLines = async (file: string, offset: number): Promise<Buffer[] | undefined> => {
    const name = `${file}@${offset}`;
    const known = members.get(name);
    if (known !== undefined) return known;
    const reading = readMember(file, offset);
    members.set(name, reading);
    const [oldest] = members.keys();
    if (members.size > CACHED_MEMBERS && oldest !== undefined) members.delete(oldest);
    return reading;
  };
  const readBytes = async (entry: ItemEntry): Promise<Buffer | undefined> => {
    const { file, offset, line, size } = entry;
    if (offset === undefined) {
      const path = join(directory, file);
      return (await disk.size(path)) === size ? disk.read(path, size) : undefined;
    }
    if (line !== undefined) return (await memberLines(file, offset))?.[line];
    return readSegment(archive, file, (path) => disk.readAt(path, offset, size));
  };

  return async (entry) => {
    assertArchivePath(entry.file);
    const bytes = await readBytes(entry);
    if (bytes === undefined || hash('sha256', bytes) !== entry.sha256) {
      return { problem: 'its bytes in the archive are missing or not the ones that were archived' };
    }
    return { text: bytes.toString('utf8') };
  };
}
