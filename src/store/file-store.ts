import { hash, randomUUID } from 'node:crypto';
import { archivePath, stateFolder, temporaryFolder } from '../archive/layout.js';
import { createBatcher } from '../lib/batcher.js';
import { createLimiter } from '../lib/limiter.js';
import type { ArchivedItem, Disk, ItemEntry, ItemStore } from '../ports/index.js';
import { emptyTemporaryFolder } from './empty-temporary-folder.js';

/**
 * Files being written at one time, over all pages. Node.js has four threads for them, and a disk needs no more: the rest
 * waits in their queue, so that they have work while this thread takes a page apart. With 32 files it ran dry (a fifth
 * slower, `npm run bench -- floor`).
 */
export const CONCURRENT_FILES = 512;

/**
 * `--layout files`: one file an item. A page's files are written side by side, each under a temporary name that is
 * renamed; then one sync of the folder, shared with the pages that wait at that moment, makes the names durable.
 *
 * @throws TtlArchiveError DISK, here and from `write`; a page of which a file failed is not committed.
 */
export async function openFileStore(
  { disk }: { disk: Disk },
  { directory }: { directory: string },
): Promise<ItemStore> {
  await emptyTemporaryFolder(disk, directory);
  // A process that lost the lock and does not know it yet must not rename a file of this one.
  const temporary = `${temporaryFolder(stateFolder(directory))}/${randomUUID()}`;
  const limit = createLimiter(CONCURRENT_FILES);
  const synced = createBatcher<void>(() => disk.syncDirectory(directory));
  let files = 0;

  const writeFile = async ({ record, fileName, body }: ArchivedItem): Promise<ItemEntry> => {
    const content = Buffer.from(`${body}\n`);
    await disk.replace(archivePath(directory, fileName), `${temporary}-${files++}`, content);
    return { file: fileName, sha256: hash('sha256', content, 'hex'), size: content.length, ...record };
  };

  const writePage = async (items: readonly ArchivedItem[]): Promise<ItemEntry[]> => {
    let failure: { readonly error: unknown } | undefined;
    const entries: ItemEntry[] = [];
    const writeNext = async (item: ArchivedItem, index: number): Promise<void> => {
      if (failure !== undefined) return;
      try {
        entries[index] = await writeFile(item);
      } catch (error) {
        failure ??= { error };
      }
    };
    // Nothing may still be writing when the error goes up.
    await Promise.all(items.map((item, index) => limit(() => writeNext(item, index))));
    if (failure !== undefined) throw failure.error;
    await synced.add();
    return entries;
  };

  return {
    async write(items, commit, turn) {
      const written = { items: items.length === 0 ? [] : await writePage(items) };
      await turn;
      await commit(written);
    },
    async close() {
      await synced.idle();
      return [];
    },
  };
}
