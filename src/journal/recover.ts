import type { Disk, JournalLine, Log } from '../ports.js';
import { eachLine, journalError, journalFolder, listJournalFiles, readLines } from './journal-files.js';
import { decodeLine, FIRST_PREV, hashOf } from './journal-line.js';
import { applyLine, emptyState, type MutableState } from './journal-state.js';
import { MAX_COMMIT } from './limits.js';
import { TOO_LONG } from './read-journal.js';
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
 * Adds the journal up: the snapshot, then the lines after it. After a crash the last file may end in item lines
 * without their closing line and in half a line: nobody was told that these are committed, so they are cut off
 * (`readOnly`: passed over). Anything else that is not as it was written throws JOURNAL.
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
    const read = await readCommitted({ disk, path, start, prev: tip?.prev ?? FIRST_PREV, state });
    linesRead += read.lines;
    const { end: offset, lineLength, prev } = read;
    if (lineLength > 0) tip = tipAt(tip, { file, offset, lineLength, prev });
    if (read.torn === 0) continue;
    if (file !== files.at(-1)) throw journalError(path, 'ends in the middle of a commit, and a later file follows it');
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

interface Committed {
  /** Where the last closing line ends. */
  readonly end: number;
  /** Length of that line, 0 when there was none. */
  readonly lineLength: number;
  readonly prev: string;
  readonly lines: number;
  /** Bytes that follow the last closing line. */
  readonly torn: number;
}

async function readCommitted(from: {
  disk: Disk;
  path: string;
  start: number;
  prev: string;
  state: MutableState;
}): Promise<Committed> {
  const { disk, path, start, state } = from;
  let committed = { end: start, lineLength: 0, prev: from.prev, lines: 0 };
  let { prev } = from;
  let position = start;
  let lines = 0;
  let waiting: JournalLine[] = [];
  for await (const { bytes, whole } of readLines(disk, path, start)) {
    if (!whole) return { ...committed, torn: position + bytes.length - committed.end };
    for (const bytesOfLine of eachLine(bytes)) {
      const decoded = decodeLine(bytesOfLine);
      if ('problem' in decoded) throw journalError(path, `is damaged: the line at byte ${position} ${decoded.problem}`);
      if (decoded.prev !== prev)
        throw journalError(path, `was altered before byte ${position}: the chain of hashes breaks`);
      prev = hashOf(bytesOfLine);
      position += bytesOfLine.length + 1;
      lines += 1;
      waiting.push(decoded.line);
      if (decoded.line.type === 'item') {
        if (position - committed.end > MAX_COMMIT)
          throw journalError(path, `is damaged: the line at byte ${position} ${TOO_LONG}`);
        continue;
      }
      for (const line of waiting) applyLine(state, line);
      waiting = [];
      committed = { end: position, lineLength: bytesOfLine.length + 1, prev, lines };
    }
  }
  return { ...committed, torn: position - committed.end };
}

async function cutTornTail(
  { disk, log }: { disk: Disk; log?: Log | undefined },
  path: string,
  { end, torn }: Committed,
): Promise<void> {
  const file = await disk.openAppend(path);
  try {
    await file.truncate(end);
  } finally {
    await file.close();
  }
  log?.info({ file: path, bytes: torn }, 'cut off what the last run did not finish committing');
}
