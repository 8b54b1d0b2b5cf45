import { journalFolder } from '../archive/layout.js';
import type { Disk, JournalLine, Log } from '../ports/index.js';
import { journalError, listJournalFiles } from './journal-files.js';
import { FIRST_PREV, hashOf } from './journal-line.js';
import { applyLine, emptyState, type MutableState } from './journal-state.js';
import { type Committed, readCommitted } from './read-committed.js';
import { readSnapshot, type Tip, tipAt } from './snapshot.js';

export interface Recovered {
  readonly state: MutableState;
  /** Undefined when nothing was ever committed. */
  readonly tip: Tip | undefined;
  /** The newest file, which may lie after the tip's and be empty. */
  readonly lastFile: string | undefined;
  /** Lines read after the snapshot: what the next opening would have to read again. */
  readonly linesRead: number;
}

/**
 * Adds the journal up: the snapshot, then the lines after it. After a crash the newest file may end in what is left of a
 * write that was never confirmed: item lines without their closing line, half a line, after a power cut also zeros in
 * between. It is cut off with a warning (`readOnly`: passed over). Anything else that is not as it was written throws
 * JOURNAL.
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
 * A process that was killed between writing and syncing leaves whole commits that only look durable. What is built on
 * them from here on (a file of the next day, a snapshot) must not outlive them.
 */
async function syncLast(disk: Disk, folder: string, name: string | undefined): Promise<void> {
  if (name !== undefined) {
    const file = await disk.openAppend(`${folder}/${name}`);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await disk.syncDirectory(folder);
}

/** What lies before the snapshot's place is not read again: a look at each file tells a missing, cut or grown one. */
async function checkEarlier(disk: Disk, folder: string, { earlier }: Tip): Promise<void> {
  await Promise.all(
    earlier.map(async ({ file, size }) => {
      const path = `${folder}/${file}`;
      const found = await disk.size(path);
      if (found === undefined) throw journalError(path, 'is missing, though the snapshot speaks of it');
      if (found !== size) throw journalError(path, `was altered: it has ${found} bytes, and ${size} were committed`);
    }),
  );
}

/** The line that the snapshot ends at must still be there, unchanged: that tells a cut or altered journal cheaply. */
async function checkTip(disk: Disk, path: string, tip: Tip): Promise<void> {
  const size = await disk.size(path);
  if (size === undefined) throw journalError(path, 'is missing, though the snapshot speaks of it');
  if (size < tip.offset) throw journalError(path, `is cut short: ${size} bytes, and ${tip.offset} were committed`);
  const line = await disk.readAt(path, tip.offset - tip.lineLength, tip.lineLength);
  if (hashOf(line.subarray(0, -1)) !== tip.prev)
    throw journalError(path, 'was altered: its lines do not match the snapshot');
}

async function cutTornTail(
  { disk, log }: { disk: Disk; log?: Log | undefined },
  path: string,
  { end, torn, found }: Committed,
): Promise<void> {
  const file = await disk.openAppend(path);
  try {
    await file.truncate(end);
  } finally {
    await file.close();
  }
  log?.warn(
    { event: 'journal.cut', file: path, bytes: torn, found },
    'cut off the end of the journal, which was never confirmed',
  );
}
