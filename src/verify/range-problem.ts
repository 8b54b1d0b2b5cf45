import { readGzipMember } from '../archive/gzip-member.js';
import { MAX_PIECE } from '../archive/limits.js';
import { type ArchiveFolder, readSegment } from '../archive/segment-path.js';
import { hasCode } from '../errors.js';
import { compare, type Located } from './byte-ranges.js';

/** Bytes of a segment, and the items that the journal lists there. */
export interface ListedRange {
  readonly file: string;
  readonly offset: number;
  readonly end: number;
  readonly lines: readonly Located[];
}

/** What is wrong with the bytes of a range; undefined when they are as the journal lists them. */
export async function rangeProblem(
  archive: ArchiveFolder,
  { file, offset, end, lines }: ListedRange,
): Promise<string | undefined> {
  // The listed lines must fill the range exactly, so nothing larger is ever read.
  const listed = lines.reduce((sum, { entry }) => sum + entry.size + 1, 0);
  if (listed > MAX_PIECE) return 'holds more than a page can';
  try {
    const content = await readSegment(archive, file, async (path) => {
      if (lines[0]?.entry.line === undefined) {
        return end - offset === listed ? archive.disk.readAt(path, offset, listed) : undefined;
      }
      const member = await readGzipMember(archive, { path, offset, limit: listed });
      return member?.end === end ? member.content : undefined;
    });
    return content === undefined ? 'has a checksum mismatch' : compare(content, offset, lines);
  } catch (error) {
    if (!hasCode(error, 'DISK')) throw error;
    return `cannot be read: ${error.message}`;
  }
}
