import { isArchivePath, looksArchived } from '../archive/entry-path.js';
import { nodeDisk } from '../disk/node-disk.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { removeEmptyFolders, removeFolder } from '../disk/remove-folder.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { acquireLock } from '../journal/lock.js';
import { readJournal } from '../journal/read-journal.js';
import { systemClock } from '../watch/system-clock.js';

/**
 * Removes what an archive wrote into its folder, and leaves everything else there. Gives the number of files removed.
 *
 * @throws TtlArchiveError LOCKED when a watch is running.
 */
export async function emptyArchive(out: string): Promise<number> {
  const state = `${out}/.ttl-archive`;
  if ((await readArchiveFile({ disk: nodeDisk }, state)) === undefined) return 0;
  await acquireLock({ disk: nodeDisk, clock: systemClock, processes: nodeProcesses }, state);
  const removed = new Set<string>();
  for await (const record of readJournal({ disk: nodeDisk }, state)) {
    if (!('line' in record) || record.line.type !== 'item') continue;
    const { file } = record.line;
    if (removed.has(file) || !isArchivePath(file) || !looksArchived(file)) continue;
    await nodeDisk.remove(`${out}/${file}`);
    removed.add(file);
  }
  await removeFolder(state);
  await removeEmptyFolders(out, /^(?:year|month|day|hour)=\d+$/);
  return removed.size;
}
