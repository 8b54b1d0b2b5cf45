import { hash, randomUUID } from 'node:crypto';
import { archivePath, stateFolder, temporaryFolder } from '../archive/layout.js';
import { createBatcher } from '../lib/batcher.js';
import { createLimiter, type Limiter } from '../lib/limiter.js';
import type { ArchivedItem, Disk, ItemStore } from '../ports/index.js';
import { emptyTemporaryFolder } from './empty-temporary-folder.js';
import { ItemLine } from './item-line.js';

/**
 * Files being written at the same time, over all pages. Node.js has four threads for them, and a disk needs no more; the
 * others wait in the threads' queue, so that it does not run empty while this thread parses a page. With 32 files it did
 * (a fifth slower, `npm run bench -- floor`).
 */
export const CONCURRENT_FILES = 512;

/**
 * The same over several tables. Fewer, because each step of writing a file waits behind those of all others in the queue of
 * Node.js's threads: a single item of one table has some ten steps, and must not wait for seconds.
 */
export const CONCURRENT_FILES_OF_TABLES = 32;

const LINE_FEED = Buffer.from('\n');

/**
 * `--layout files`: one file an item. A page's files are written concurrently, each under a temporary name and then
 * renamed; then one sync of the folder, shared with the pages that wait at that moment, makes the names durable.
 *
 * @throws TtlArchiveError DISK, also from `write`; a page is not committed when one of its files failed.
 */
export async function openFileStore(
  { disk, limitFiles: limit = createLimiter(CONCURRENT_FILES) }: { disk: Disk; limitFiles?: Limiter | undefined },
  { directory }: { directory: string },
): Promise<ItemStore> {
  await emptyTemporaryFolder(disk, directory);
  // Random, so that a process that lost the lock and has not noticed yet cannot rename a file of this one.
  const temporary = `${temporaryFolder(stateFolder(directory))}/${randomUUID()}`;
  const synced = createBatcher<void>(() => disk.syncDirectory(directory));
  let files = 0;

  const writeFile = async ({ record, fileName, body }: ArchivedItem): Promise<ItemLine> => {
    const content = Buffer.concat([body, LINE_FEED]);
    await disk.replace(archivePath(directory, fileName), `${temporary}-${files++}`, content);
    const place = { file: fileName, sha256: hash('sha256', content, 'hex'), size: content.length };
    return new ItemLine(place, record);
  };

  const writePage = async (items: readonly ArchivedItem[]): Promise<ItemLine[]> => {
    let failure: { readonly error: unknown } | undefined;
    const entries: ItemLine[] = [];
    const writeNext = async (item: ArchivedItem, index: number): Promise<void> => {
      if (failure !== undefined) return;
      try {
        entries[index] = await writeFile(item);
      } catch (error) {
        failure ??= { error };
      }
    };
    // No write may be in flight when the error is thrown.
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
