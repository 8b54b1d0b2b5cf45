import { journalFolder } from '../archive/layout.js';
import { hasCode } from '../errors.js';
import { countLines, LINE_FEED } from '../lib/lines.js';
import type { Disk, JournalRecord } from '../ports/index.js';
import { listJournalFiles, readLines } from './journal-files.js';
import { decodeLine } from './journal-line.js';
import { readCommitted } from './read-committed.js';
import { readSnapshot } from './snapshot.js';

/**
 * The committed lines that contain `needle`, as `readJournal` returns them. To find a key quickly, only these are parsed,
 * and the chain of hashes is not checked.
 */
export async function* searchJournal(
  { disk }: { disk: Disk },
  directory: string,
  needle: Buffer,
): AsyncGenerator<JournalRecord> {
  const files = await listJournalFiles(disk, directory);
  for (const file of files) {
    const path = `${journalFolder(directory)}/${file}`;
    const end = file === files.at(-1) ? await committedEnd(disk, directory, file) : Infinity;
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

/** Where the committed lines of the newest file end and a torn tail may begin. */
async function committedEnd(disk: Disk, directory: string, file: string): Promise<number> {
  const path = `${journalFolder(directory)}/${file}`;
  // Everything up to the snapshot is committed, so a long journal is not read twice.
  const snapshot = await readSnapshot(disk, directory).catch(() => undefined);
  const { offset: start, prev } = snapshot?.tip.file === file ? snapshot.tip : { offset: 0, prev: undefined };
  try {
    return (await readCommitted({ disk, path, start, prev, isNewest: true, onCommit: () => undefined })).end;
  } catch (error) {
    if (hasCode(error, 'JOURNAL')) return Infinity; // damage before the tail: each line is checked when it is parsed
    throw error;
  }
}
