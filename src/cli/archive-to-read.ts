import { resolve } from 'node:path';
import { stateFolder } from '../archive/layout.js';
import { diskWithin } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { type ArchiveFacts, readArchiveFile } from '../journal/archive-file.js';
import { readJournal } from '../journal/read-journal.js';
import { escapeText } from '../lib/escape.js';
import type { Disk, JournalRecord } from '../ports/index.js';
import type { Io } from './io.js';

/** An archive opened for reading only. */
export interface ArchiveToRead {
  /** Reads nothing outside the archive folder. */
  readonly disk: Disk;
  /** The archive folder (absolute). */
  readonly directory: string;
  /** Its `.ttl-archive`. */
  readonly state: string;
  readonly facts: ArchiveFacts;
  readonly journal: () => AsyncIterable<JournalRecord>;
}

/** Opens the archive in `out`; undefined when there is none. */
export async function openArchiveIfAny(out: string, io: Io): Promise<ArchiveToRead | undefined> {
  const directory = resolve(io.cwd, out);
  const state = stateFolder(directory);
  const disk = diskWithin(directory);
  const facts = await readArchiveFile({ disk }, state);
  if (facts === undefined) return undefined;
  return { disk, directory, state, facts, journal: () => readJournal({ disk }, state) };
}

/** Opens the archive in `out`. Throws TABLE when there is none. */
export async function openArchiveToRead(out: string, io: Io): Promise<ArchiveToRead> {
  const archive = await openArchiveIfAny(out, io);
  if (archive === undefined) throw noArchive(out);
  return archive;
}

/** The folder holds no archive: exit 3 in every command. */
export function noArchive(out: string): TtlArchiveError {
  return new TtlArchiveError('TABLE', `There is no archive in ${escapeText(out)}.`, {
    remedy: 'Name its folder with --out, or create an archive with "ttl-archive watch".',
  });
}
