import { stateFolder } from '../archive/layout.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { openArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import { fencedDisk } from '../lock/fenced-disk.js';
import { acquireLock, type LockOptions } from '../lock/lock.js';
import type {
  Clock,
  Disk,
  Format,
  ItemStore,
  Journal,
  KeyAttribute,
  Layout,
  Log,
  SegmentLength,
} from '../ports/index.js';
import { openFileStore } from '../store/file-store.js';
import { openSegmentStore } from '../store/segment-store.js';

export interface ArchiveSettings {
  readonly out: string;
  readonly table: string;
  readonly layout: Layout;
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
  readonly segmentSize: number;
  readonly ttlAttribute: string | undefined;
  readonly keySchema: readonly KeyAttribute[] | undefined;
}

export interface OpenArchive {
  readonly store: ItemStore;
  readonly journal: Journal;
  /** Aborts when another process has taken the archive folder over; its reason is a LOCKED error. */
  readonly lost: AbortSignal;
  /** Closes in the order in which nothing can be lost, and gives the lock back whatever happens. */
  close(): Promise<void>;
}

/**
 * Opens the archive folder for writing: the lock first, then what was agreed on before, the journal, the store. All of
 * them write through a disk that looks first whether the lock is still held.
 */
export async function openArchive(
  machine: { disk: Disk; clock: Clock; log: Log },
  settings: ArchiveSettings,
  options: LockOptions,
): Promise<OpenArchive> {
  const { out, table, layout, format, compress, segmentSize, ttlAttribute, keySchema } = settings;
  const directory = stateFolder(out);
  const lock = await acquireLock({ ...machine, processes: nodeProcesses }, directory, options);
  const tools = { ...machine, disk: fencedDisk(machine.disk, lock) };
  const { disk } = tools;
  try {
    await openArchiveFile({ disk }, directory, {
      table,
      layout,
      format,
      ...(layout === 'segments' && { compress: compress === 'gzip' }),
      ...(ttlAttribute !== undefined && { ttlAttribute }),
      ...(keySchema !== undefined && { keySchema }),
    });
    const journal = await openJournal(tools, { directory });
    const { openSegments } = journal.state;
    const store =
      layout === 'files'
        ? await openFileStore({ disk }, { directory: out })
        : await openSegmentStore(tools, { directory: out, compress, segmentSize, openSegments, format });
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
 * Tells the journal that the last segments are closed, too: with the checkpoint that was written last, once more as it
 * is. A journal without any has no segment that could be closed.
 */
async function commitClosed(journal: Journal, segments: readonly SegmentLength[]): Promise<void> {
  if (segments.length === 0) return;
  const checkpoints = [...journal.state.checkpoints.values()].flatMap((shards) => [...shards.values()]);
  const [first, ...others] = checkpoints;
  if (first === undefined) return;
  const last = others.reduce((latest, next) => (next.at > latest.at ? next : latest), first);
  await journal.commit([{ type: 'checkpoint', ...last, segments }]);
}
