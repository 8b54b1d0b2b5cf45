import { openFileStore } from '../archive/file-store.js';
import { openSegmentStore } from '../archive/segment-store.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { openArchiveFile } from '../journal/archive-file.js';
import { acquireLock } from '../journal/lock.js';
import { openJournal } from '../journal/open-journal.js';
import type { Clock, Disk, Format, ItemStore, Journal, Layout, Log } from '../ports.js';

export interface ArchiveSettings {
  readonly out: string;
  readonly table: string;
  readonly layout: Layout;
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
  readonly segmentSize: number;
  readonly ttlAttribute: string | undefined;
}

export interface OpenArchive {
  readonly store: ItemStore;
  readonly journal: Journal;
  /** Closes in the order in which nothing can be lost, and gives the lock back whatever happens. */
  close(): Promise<void>;
}

/** Opens the archive folder for writing: the lock first, then what was agreed on before, the journal, the store. */
export async function openArchive(
  tools: { disk: Disk; clock: Clock; log: Log },
  settings: ArchiveSettings,
): Promise<OpenArchive> {
  const { disk } = tools;
  const { out, table, layout, format, compress, segmentSize, ttlAttribute } = settings;
  const directory = `${out}/.ttl-archive`;
  await disk.makeDirectory(directory);
  const lock = await acquireLock({ disk, clock: tools.clock, processes: nodeProcesses }, directory);
  try {
    await openArchiveFile({ disk }, directory, {
      table,
      layout,
      format,
      ...(layout === 'segments' && { compress: compress === 'gzip' }),
      ...(ttlAttribute !== undefined && { ttlAttribute }),
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
      async close() {
        try {
          await store.close();
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
    throw error;
  }
}
