import { isArchivePath } from '../archive/entry-path.js';
import { PARTITION, stateFolder } from '../archive/layout.js';
import { diskWithin } from '../disk/node-disk.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { removeEmptyFolders, removeFolder } from '../disk/remove-folder.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { readJournal } from '../journal/read-journal.js';
import { escapeText } from '../lib/escape.js';
import { fencedDisk } from '../lock/fenced-disk.js';
import { acquireLock } from '../lock/lock.js';
import type { Clock, Disk, Log } from '../ports/index.js';

export interface Removal {
  /** Deletes the files that the journal lists, then the journal. Returns the number of files. */
  remove(): Promise<number>;
  /** Releases the lock. */
  release(): Promise<void>;
}

/**
 * Acquires the lock of the archive in `out` to delete it; undefined when there is no archive. Throws LOCKED while a watch
 * runs, and TABLE when it is the archive of another table.
 */
export async function prepareRemoval(
  out: string,
  table: string,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<Removal | undefined> {
  const directory = stateFolder(out);
  const disk = diskWithin(out);
  const archive = await readArchiveFile({ disk }, directory);
  if (archive === undefined) return undefined;
  if (archive.table !== table) {
    throw new TtlArchiveError(
      'TABLE',
      `Archive ${escapeText(out)} belongs to table ${escapeText(archive.table)}, not ${escapeText(table)}.`,
      { remedy: 'Name the table with --table, or its archive folder with --out.' },
    );
  }
  const lock = await acquireLock({ disk, clock, log, processes: nodeProcesses }, directory, { signal });
  return { remove: () => remove(fencedDisk(disk, lock), out, directory), release: () => lock.release() };
}

/**
 * Deletes the journal last, so that an interrupted removal can be repeated. When a file cannot be removed (one of its
 * folders is a symbolic link), the others still are, and the journal stays.
 */
async function remove(disk: Disk, out: string, directory: string): Promise<number> {
  let files = 0;
  let last: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  for await (const record of readJournal({ disk }, directory)) {
    if (!('line' in record) || record.line.type !== 'item') continue;
    const { file } = record.line;
    // A forged journal must not delete a file outside its archive; a segment has many lines.
    if (file === last || !isArchivePath(file)) continue;
    last = file;
    try {
      if (await disk.remove(`${out}/${file}`)) files += 1;
    } catch (error) {
      if (!hasCode(error, 'DISK')) throw error;
      failure ??= { error };
    }
  }
  await removeEmptyFolders(out, PARTITION);
  if (failure !== undefined) throw failure.error;
  await removeFolder(directory);
  return files;
}
