import { stateFolder } from '../archive/layout.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { openArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import { fencedDisk } from '../lock/fenced-disk.js';
import { acquireLock, type LockOptions } from '../lock/lock.js';
import type { Clock, Disk, ItemStore, Journal, Log, SegmentLength } from '../ports/index.js';
import { openFileStore } from '../store/file-store.js';
import { openSegmentStore } from '../store/segment-store.js';
import type { WatchRunOptions } from './options.js';
import type { Source } from './resolve-stream.js';

export type ArchiveOptions = Pick<WatchRunOptions, 'out' | 'table' | 'layout' | 'format' | 'compress' | 'segmentSize'> &
  Pick<Source, 'ttlAttribute' | 'keySchema'>;

export interface OpenArchive {
  readonly store: ItemStore;
  readonly journal: Journal;
  /** Aborts when another process has taken over the archive folder; its reason is a LOCKED error. */
  readonly lost: AbortSignal;
  /** Closes in an order in which nothing can be lost, and releases the lock even after a failure. */
  close(): Promise<void>;
}

/**
 * Opens the archive folder for writing: first the lock, then `archive.json`, the journal and the store. They write
 * through a disk that checks before each write that the lock is still held.
 */
export async function openArchive(
  context: { disk: Disk; clock: Clock; log: Log },
  archiveOptions: ArchiveOptions,
  lockOptions: LockOptions,
): Promise<OpenArchive> {
  const { out, table, layout, format, compress, segmentSize, ttlAttribute, keySchema } = archiveOptions;
  const directory = stateFolder(out);
  const lock = await acquireLock({ ...context, processes: nodeProcesses }, directory, lockOptions);
  const disk = fencedDisk(context.disk, lock);
  const fenced = { ...context, disk };
  try {
    await openArchiveFile({ disk }, directory, {
      table,
      layout,
      format,
      ...(layout === 'segments' && { compress: compress === 'gzip' }),
      ...(ttlAttribute !== undefined && { ttlAttribute }),
      ...(keySchema !== undefined && { keySchema }),
    });
    const journal = await openJournal(fenced, { directory });
    const { openSegments } = journal.state;
    const store =
      layout === 'files'
        ? await openFileStore({ disk }, { directory: out })
        : await openSegmentStore(fenced, { directory: out, compress, segmentSize, openSegments, format });
    return {
      store,
      journal,
      lost: lock.lost,
      async close() {
        try {
          await commitClosed(journal, await store.close());
        } finally {
          try {
            await journal.close();
          } finally {
            await lock.release();
          }
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw lock.lost.aborted ? lock.lost.reason : error;
  }
}

/**
 * Records in the journal that the last segments are closed, with a copy of the checkpoint that was written last. A
 * journal without checkpoints has no segments.
 */
async function commitClosed(journal: Journal, segments: readonly SegmentLength[]): Promise<void> {
  if (segments.length === 0) return;
  const checkpoints = [...journal.state.checkpoints.values()].flatMap((shards) => [...shards.values()]);
  const [first, ...others] = checkpoints;
  if (first === undefined) return;
  const last = others.reduce((latest, next) => (next.at > latest.at ? next : latest), first);
  await journal.commit([{ type: 'checkpoint', ...last, segments }]);
}
