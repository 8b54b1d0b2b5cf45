import { stateFolder } from '../archive/layout.js';
import { nodeProcesses } from '../disk/node-processes.js';
import type { TtlArchiveError } from '../errors.js';
import { openArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import { fencedDisk } from '../lock/fenced-disk.js';
import type { Lock } from '../lock/held-lock.js';
import { acquireLock, type LockOptions } from '../lock/lock.js';
import type { Clock, Disk, ItemStore, Journal, Log, Random } from '../ports/index.js';
import { openFileStore } from '../store/file-store.js';
import { recoverSegments } from '../store/recover-segments.js';
import { openSegmentStore } from '../store/segment-store.js';
import { Uploader } from '../upload/uploader.js';
import type { Upload } from './open-upload.js';
import type { WatchRunOptions } from './options.js';
import type { SharedByTables } from './run-context.js';
import type { Source } from './source.js';

export type ArchiveOptions = Pick<WatchRunOptions, 'out' | 'table' | 'layout' | 'format' | 'compress' | 'segmentSize'> &
  Pick<Source, 'ttlAttribute' | 'keySchema'> & { readonly upload: Upload | undefined };

export interface OpenArchive {
  readonly store: ItemStore;
  readonly journal: Journal;
  readonly uploader: Uploader | undefined;
  /**
   * Aborts when nothing more may be archived; its reason is the error: another process has taken over the folder (LOCKED),
   * or the place to upload to cannot be used.
   */
  readonly lost: AbortSignal;
  /**
   * Closes in an order in which nothing can be lost, and releases the lock even after a failure. `mode`: what to do about
   * segments that are not uploaded yet, as for `Uploader.end`; returns the error for which some are left.
   */
  close(...how: Parameters<Uploader['end']>): Promise<TtlArchiveError | undefined>;
}

/**
 * Opens the archive folder for writing: first the lock, then `archive.json`, the journal and the store. They write
 * through a disk that checks before each write that the lock is still held.
 */
export async function openArchive(
  context: { disk: Disk; clock: Clock; log: Log; random: Random } & Pick<SharedByTables, 'limitFiles'>,
  archiveOptions: ArchiveOptions,
  lockOptions: LockOptions,
): Promise<OpenArchive> {
  const { out, table, layout, format, compress, segmentSize, ttlAttribute, keySchema, upload } = archiveOptions;
  const directory = stateFolder(out);
  const lock = await acquireLock({ ...context, processes: nodeProcesses }, directory, lockOptions);
  const disk = fencedDisk(context.disk, lock);
  const fenced = { ...context, disk };
  let uploader: Uploader | undefined;
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
    if (layout === 'segments') await recoverSegments({ disk, directory: out }, journal);
    if (upload !== undefined) {
      uploader = new Uploader({ ...fenced, journal, archive: { disk, directory: out } }, { ...upload, table });
    }
    const { listener } = uploader ?? {};
    const store =
      layout === 'files'
        ? await openFileStore({ disk, limitFiles: context.limitFiles }, { directory: out })
        : await openSegmentStore(fenced, { directory: out, compress, segmentSize, format, listener });
    return {
      store,
      journal,
      uploader,
      lost: uploader === undefined ? lock.lost : AbortSignal.any([lock.lost, uploader.refused]),
      close: (...how) => closeArchive({ store, journal, uploader, lock }, ...how),
    };
  } catch (error) {
    await uploader?.end('abandon');
    await lock.release();
    throw lock.lost.aborted ? lock.lost.reason : error;
  }
}

async function closeArchive(
  { store, journal, uploader, lock }: Pick<OpenArchive, 'store' | 'journal' | 'uploader'> & { readonly lock: Lock },
  ...how: Parameters<Uploader['end']>
): Promise<TtlArchiveError | undefined> {
  let left: TtlArchiveError | undefined;
  try {
    try {
      const segments = await store.close();
      if (segments.length > 0) await journal.commitFacts({ segments });
    } catch (error) {
      await uploader?.end('abandon');
      throw error;
    }
    left = await uploader?.end(...how);
  } finally {
    try {
      await journal.close();
    } finally {
      await lock.release();
    }
  }
  return left;
}

type FolderOptions = Pick<ArchiveOptions, 'out' | 'table' | 'ttlAttribute' | 'keySchema'>;

/** Opens a folder that keeps how far the shards have been read, and no items. Otherwise as `openArchive`. */
export async function openPositionFolder(
  context: { disk: Disk; clock: Clock; log: Log },
  { out, table, ttlAttribute, keySchema }: FolderOptions,
  lockOptions: LockOptions,
): Promise<Omit<OpenArchive, 'store'>> {
  const directory = stateFolder(out);
  const lock = await acquireLock({ ...context, processes: nodeProcesses }, directory, lockOptions);
  const disk = fencedDisk(context.disk, lock);
  try {
    await openArchiveFile({ disk }, directory, {
      table,
      layout: 'files',
      format: 'item',
      positionsOnly: true,
      ...(ttlAttribute !== undefined && { ttlAttribute }),
      ...(keySchema !== undefined && { keySchema }),
    });
    const journal = await openJournal({ ...context, disk }, { directory });
    const close = async (): Promise<undefined> => {
      try {
        await journal.close();
      } finally {
        await lock.release();
      }
    };
    return { journal, uploader: undefined, lost: lock.lost, close };
  } catch (error) {
    await lock.release();
    throw lock.lost.aborted ? lock.lost.reason : error;
  }
}
