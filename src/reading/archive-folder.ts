import { resolve } from 'node:path';
import { stateFolder } from '../archive/layout.js';
import { diskWithin } from '../disk/node-disk.js';
import { type ArchiveFacts, readArchiveFile } from '../journal/archive-file.js';
import { readJournal } from '../journal/read-journal.js';
import type { Disk, JournalRecord } from '../ports/index.js';
import type { ReadingContext } from './open-storage.js';

/** An archive folder opened for reading only. */
export interface ArchiveFolder {
  /** Reads nothing outside the archive folder. */
  readonly disk: Disk;
  /** The archive folder (absolute). */
  readonly directory: string;
  /** Its `.ttl-archive`. */
  readonly state: string;
  readonly facts: ArchiveFacts;
  readonly journal: () => AsyncIterable<JournalRecord>;
}

/** Opens the archive in the folder `out`; undefined when there is none. */
export async function openFolderIfAny(
  out: string,
  { cwd }: Pick<ReadingContext, 'cwd'>,
): Promise<ArchiveFolder | undefined> {
  const directory = resolve(cwd, out);
  const state = stateFolder(directory);
  const disk = diskWithin(directory);
  const facts = await readArchiveFile({ disk }, state);
  if (facts === undefined) return undefined;
  return { disk, directory, state, facts, journal: () => readJournal({ disk }, state) };
}
