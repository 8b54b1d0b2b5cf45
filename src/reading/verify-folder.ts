import { walkFolder } from '../disk/walk-folder.js';
import { openJournal } from '../journal/open-journal.js';
import { readPrunes } from '../journal/prunes.js';
import { systemClock } from '../lib/system-clock.js';
import type { Journal } from '../ports/index.js';
import type { Verification } from '../verify/verification.js';
import { type VerifyInput, verifyArchive } from '../verify/verify.js';
import type { ArchiveFolder } from './archive-folder.js';

type Settings = Pick<VerifyInput, 'sample' | 'onFinding' | 'onProgress' | 'signal'>;

/** Checks an archive folder that is open, as `verifyArchive` does, also against what a start of `watch` would reject. */
export function verifyFolder(folder: ArchiveFolder, settings: Settings): Promise<Verification> {
  const { disk, directory, state, journal } = folder;
  return verifyArchive({
    ...settings,
    disk,
    directory,
    journal,
    prunes: () => readPrunes({ disk }, state),
    openJournal: () => openForReading(folder),
    files: (onUnreadable) => walkFolder(directory, onUnreadable),
    clock: systemClock,
  });
}

/** Opens the journal as a start of `watch` would, and writes nothing. Throws JOURNAL as `openJournal` does. */
export function openForReading({ disk, state }: ArchiveFolder): Promise<Journal> {
  return openJournal({ disk, clock: systemClock }, { directory: state, readOnly: true });
}
