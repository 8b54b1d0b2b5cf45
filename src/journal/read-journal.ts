import type { Disk, JournalRecord } from '../ports.js';
import { eachLine, journalFolder, listJournalFiles, readLines } from './journal-files.js';
import { decodeLine, FIRST_PREV, hashOf } from './journal-line.js';
import { MAX_COMMIT } from './limits.js';

/** What is wrong with item lines that fill the memory before any line closes them. */
export const TOO_LONG = `is one of more than ${MAX_COMMIT} bytes of item lines without a closing line`;

/**
 * All committed lines in their order, in bounded memory, with a `problem` record at each place where the journal is
 * not as it was written; reading goes on after it. `file` is the name in the journal's folder, `number` counts the
 * file's lines from 1. What follows the last closing line of the last file is not committed, and not given. Safe
 * beside a running `watch`.
 */
export async function* readJournal({ disk }: { disk: Disk }, directory: string): AsyncGenerator<JournalRecord> {
  const files = await listJournalFiles(disk, directory);
  let prev: string | undefined = FIRST_PREV;
  for (const file of files) {
    const isLast = file === files.at(-1);
    let number = 0;
    let waiting: JournalRecord[] = [];
    let waitingBytes = 0;
    for await (const { bytes, whole } of readLines(disk, `${journalFolder(directory)}/${file}`)) {
      if (!whole) {
        if (!isLast) yield { file, number: number + 1, problem: 'ends in the middle of a line' };
        break;
      }
      for (const line of eachLine(bytes)) {
        number += 1;
        const decoded = decodeLine(line);
        if ('problem' in decoded) {
          waiting.push({ file, number, problem: decoded.problem });
        } else {
          if (decoded.prev !== prev) waiting.push({ file, number, problem: 'does not continue the line before it' });
          waiting.push({ file, number, line: decoded.line });
        }
        prev = hashOf(line);
        waitingBytes += line.length;
        if ('line' in decoded && decoded.line.type === 'item') {
          if (waitingBytes <= MAX_COMMIT) continue;
          waiting = [{ file, number, problem: TOO_LONG }];
        }
        yield* waiting;
        waiting = [];
        waitingBytes = 0;
      }
    }
    yield* waiting.filter((record) => 'problem' in record);
    if (!isLast && waiting.some((record) => 'line' in record)) {
      yield { file, number, problem: 'ends in item lines without their closing line' };
    }
  }
}
