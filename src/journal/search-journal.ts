import { journalFileOf, journalFolder } from '../archive/layout.js';
import { hasCode } from '../errors.js';
import { countLines, linesWith } from '../lib/lines.js';
import type { Disk, JournalRecord } from '../ports/index.js';
import { listJournalFiles, readLines } from './journal-files.js';
import { decodeLine } from './journal-line.js';
import { readCommitted } from './read-committed.js';
import { readSnapshot } from './snapshot.js';

export interface JournalSearch {
  /** Lines that contain one of them. */
  readonly needles: readonly Buffer[];
  /** Epoch milliseconds: the files of earlier days are left out. */
  readonly since?: number | undefined;
}

/**
 * The committed lines that contain a needle, as `readJournal` returns them. To find a key quickly, only these are parsed,
 * and the chain of hashes is not checked.
 */
export async function* searchJournal(
  { disk }: { disk: Disk },
  directory: string,
  { needles, since }: JournalSearch,
): AsyncGenerator<JournalRecord> {
  const files = await listJournalFiles(disk, directory);
  const first = since === undefined ? '' : journalFileOf(since);
  for (const file of files) {
    if (file < first) continue;
    const path = `${journalFolder(directory)}/${file}`;
    const end = file === files.at(-1) ? await committedEnd(disk, directory, file) : Infinity;
    let lines = 0;
    for await (const { bytes, whole } of readLines(disk, path, 0, end)) {
      if (!whole) break;
      let counted = 0;
      for (const line of linesWith(needles, bytes)) {
        const start = line.byteOffset - bytes.byteOffset;
        lines += countLines(bytes.subarray(counted, start));
        counted = start;
        const number = lines + 1;
        const decoded = decodeLine(line);
        yield 'problem' in decoded ? { file, number, problem: decoded.problem } : { file, number, line: decoded.line };
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
