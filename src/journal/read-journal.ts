import { journalFolder } from '../archive/layout.js';
import { eachLine } from '../lib/lines.js';
import type { Disk, JournalRecord } from '../ports/index.js';
import { listJournalFiles, readLines } from './journal-files.js';
import { decodeLine, FIRST_PREV, hashOf } from './journal-line.js';
import { MAX_COMMIT } from './limits.js';
import { TOO_LONG } from './read-committed.js';
import { readSnapshot } from './snapshot.js';
import { isTornTail } from './torn-tail.js';

/**
 * All committed lines in order, in bounded memory, with a `problem` record at each damaged place, after which reading
 * continues. `file` is the name in the journal's folder, `number` counts the file's lines from 1. Leaves out a torn tail
 * of the last file, which the next `watch` cuts off. Safe while a `watch` is running.
 */
export async function* readJournal({ disk }: { disk: Disk }, directory: string): AsyncGenerator<JournalRecord> {
  // Read before the journal, which may grow meanwhile. Opening the journal reports a damaged snapshot.
  const tip = (await readSnapshot(disk, directory).catch(() => undefined))?.tip;
  const files = await listJournalFiles(disk, directory);
  let prev: string | undefined = FIRST_PREV;
  for (const file of files) {
    const isLast = file === files.at(-1);
    const path = `${journalFolder(directory)}/${file}`;
    const confirmed = tip?.file === file ? tip.offset : 0;
    let mayBeTorn = isLast;
    let position = 0;
    let committed = 0;
    let number = 0;
    let waiting: JournalRecord[] = [];
    let waitingBytes = 0;
    for await (const { bytes, whole } of readLines(disk, path)) {
      if (!whole) {
        if (!isLast) yield { file, number: number + 1, problem: 'ends in the middle of a line' };
        break;
      }
      for (const line of eachLine(bytes)) {
        number += 1;
        const decoded = decodeLine(line);
        const isAsWritten = 'line' in decoded && decoded.prev === prev;
        if (!isAsWritten && mayBeTorn) {
          const isForeign = 'problem' in decoded && decoded.foreign === true;
          if (!isForeign && position >= confirmed && (await isTornTail(disk, path, position))) return;
          mayBeTorn = false;
        }
        position += line.length + 1;
        if ('problem' in decoded) {
          waiting.push({ file, number, problem: decoded.problem });
        } else {
          if (decoded.prev !== prev) waiting.push({ file, number, problem: 'does not continue the previous line' });
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
        committed = position;
      }
    }
    yield* waiting.filter((record) => 'problem' in record);
    if (isLast && committed < confirmed) yield { file, number: number + 1, problem: 'ends before the snapshot does' };
    if (!isLast && waiting.some((record) => 'line' in record)) {
      yield { file, number, problem: 'ends in item lines without their closing line' };
    }
  }
}
