import { journalFolder } from '../archive/layout.js';
import { LINE_FEED } from '../lib/lines.js';
import { withAppendFile } from '../lib/with-append-file.js';
import type { Disk, JournalLine, Log } from '../ports/index.js';
import { journalError, listJournalFiles } from './journal-files.js';
import { FIRST_PREV, hashOf } from './journal-line.js';
import { applyLine, emptyState, type MutableState } from './journal-state.js';
import { type Committed, readCommitted } from './read-committed.js';
import { readSnapshot, type Tip, tipAt } from './snapshot.js';

export interface Recovered {
  readonly state: MutableState;
  /** Undefined when nothing has been committed. */
  readonly tip: Tip | undefined;
  /** The newest file, which may be newer than the tip's and empty. */
  readonly lastFile: string | undefined;
  /** Lines read after the snapshot: the next opening would read them again. */
  readonly linesRead: number;
}

/**
 * Computes the journal's state from the snapshot and the lines after it. After a crash the newest file may end in a torn
 * tail, the rest of an unconfirmed write: item lines without their closing line, a part of a line, after a power cut also
 * zeros. It is cut off with a warning (`readOnly`: skipped). Any other damage throws JOURNAL.
 */
export async function recover(
  { disk, log }: { disk: Disk; log?: Log | undefined },
  directory: string,
  readOnly: boolean,
): Promise<Recovered> {
  const snapshot = await readSnapshot(disk, directory);
  const files = await listJournalFiles(disk, directory);
  const folder = journalFolder(directory);
  const state = snapshot?.state ?? emptyState();
  let tip = snapshot?.tip;
  let linesRead = 0;
  if (tip !== undefined) {
    await checkEarlier(disk, folder, tip);
    await checkTip(disk, `${folder}/${tip.file}`, tip);
  }

  for (const file of files.filter((name) => tip === undefined || name >= tip.file)) {
    const path = `${folder}/${file}`;
    const start = file === tip?.file ? tip.offset : 0;
    const isNewest = file === files.at(-1);
    const onCommit = (lines: readonly JournalLine[]): void => {
      for (const line of lines) applyLine(state, line);
    };
    const read = await readCommitted({ disk, path, start, prev: tip?.prev ?? FIRST_PREV, isNewest, onCommit });
    linesRead += read.lines;
    const { end: offset, last } = read;
    if (last !== undefined) tip = tipAt(tip, { file, offset, ...last });
    if (read.torn === 0) continue;
    if (!isNewest) throw journalError(path, 'ends in the middle of a commit, and a later file follows it');
    if (!readOnly) await cutTornTail({ disk, log }, path, read);
  }
  if (!readOnly) await syncLast(disk, folder, files.at(-1));
  return { state, tip, lastFile: files.at(-1), linesRead };
}

/**
 * A process that was killed between write and sync leaves whole commits that are not durable yet. What follows them (the
 * next day's file, a snapshot) must not become durable before they are.
 */
async function syncLast(disk: Disk, folder: string, name: string | undefined): Promise<void> {
  if (name !== undefined) await withAppendFile(disk, `${folder}/${name}`, (file) => file.sync());
  await disk.syncDirectory(folder);
}

const MISSING = 'is missing, though the snapshot names it';

/** Files before the snapshot's are not read again: their sizes show whether one is missing, cut or grown. */
async function checkEarlier(disk: Disk, folder: string, { earlier }: Tip): Promise<void> {
  await Promise.all(
    earlier.map(async ({ file, size }) => {
      const path = `${folder}/${file}`;
      const found = await disk.size(path);
      if (found === undefined) throw journalError(path, MISSING);
      if (found !== size) throw journalError(path, `was altered: it has ${found} bytes, and ${size} were committed`);
    }),
  );
}

/** The line that the snapshot ends at must be unchanged: a cheap check for a cut or altered journal. */
async function checkTip(disk: Disk, path: string, tip: Tip): Promise<void> {
  const size = await disk.size(path);
  if (size === undefined) throw journalError(path, MISSING);
  if (size < tip.offset) throw journalError(path, `is cut short: ${size} bytes, and ${tip.offset} were committed`);
  const line = await disk.readAt(path, tip.offset - tip.lineLength, tip.lineLength);
  if (line.at(-1) !== LINE_FEED || hashOf(line.subarray(0, -1)) !== tip.prev) {
    throw journalError(path, 'was altered: its lines do not match the snapshot');
  }
}

async function cutTornTail(
  { disk, log }: { disk: Disk; log?: Log | undefined },
  path: string,
  { end, torn, found }: Committed,
): Promise<void> {
  await withAppendFile(disk, path, (file) => file.truncate(end));
  log?.warn(
    { event: 'journal.cut', file: path, bytes: torn, found },
    'cut off the end of the journal, which was never confirmed',
  );
}
