import type { Disk, JournalRecord } from '../ports.js';
import { eachLine, journalError, journalFolder, listJournalFiles, readLines } from './journal-files.js';
import { decodeLine, isItemLine } from './journal-line.js';
import { MAX_COMMIT, MAX_LINE } from './limits.js';

const LINE_FEED = 0x0a;
const STEP = 1 << 16;

/**
 * The committed lines that contain `needle`, as `readJournal` gives them. Only these are parsed, and the chain of
 * hashes is not checked: for finding one key among many quickly.
 */
export async function* searchJournal(
  { disk }: { disk: Disk },
  directory: string,
  needle: Buffer,
): AsyncGenerator<JournalRecord> {
  const files = await listJournalFiles(disk, directory);
  for (const file of files) {
    const path = `${journalFolder(directory)}/${file}`;
    const end = file === files.at(-1) ? await committedEnd(disk, path) : Infinity;
    let lines = 0;
    for await (const { bytes, whole } of readLines(disk, path, 0, end)) {
      if (!whole) break;
      let counted = 0;
      for (let hit = bytes.indexOf(needle); hit >= 0; ) {
        const start = bytes.lastIndexOf(LINE_FEED, hit) + 1;
        const next = bytes.indexOf(LINE_FEED, hit) + 1;
        lines += countLines(bytes.subarray(counted, start));
        counted = start;
        const number = lines + 1;
        const decoded = decodeLine(bytes.subarray(start, next - 1));
        yield 'problem' in decoded ? { file, number, problem: decoded.problem } : { file, number, line: decoded.line };
        hit = bytes.indexOf(needle, next);
      }
      lines += countLines(bytes.subarray(counted));
    }
  }
}

/** Where the last closing line of a file ends: item lines after it are not committed. */
async function committedEnd(disk: Disk, path: string): Promise<number> {
  const size = (await disk.size(path)) ?? 0;
  // From the file's end backwards, a longer stretch each time, until one holds a closing line.
  for (let length = STEP; ; length *= 4) {
    const start = Math.max(0, size - length);
    const bytes = await disk.readAt(path, start, size - start);
    let position = start === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1;
    let end = 0;
    for (const line of eachLine(bytes.subarray(position))) {
      position += line.length + 1;
      if (!isItemLine(line)) end = start + position;
    }
    if (end > 0 || start === 0) return end;
    if (length > 2 * (MAX_COMMIT + MAX_LINE))
      throw journalError(path, `ends in ${length} bytes without a closing line`);
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
