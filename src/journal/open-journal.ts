import { journalFolder, temporaryFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import type { Clock, Disk, Journal, Log } from '../ports/index.js';
import { journalWriter } from './journal-writer.js';
import { recover } from './recover.js';

/**
 * Opens the journal in `directory` (`<archive>/.ttl-archive`): cuts off a torn tail and computes the state. The caller
 * holds the lock. With `readOnly` nothing is written, so that it works while a `watch` is running; `commit` and
 * `checkpointLazily` throw. Throws JOURNAL when the journal or its snapshot is damaged, DISK when the file system fails.
 */
export async function openJournal(
  { disk, clock, log }: { disk: Disk; clock: Clock; log?: Log },
  { directory, readOnly = false }: { directory: string; readOnly?: boolean },
): Promise<Journal> {
  if (!readOnly) {
    await disk.makeDirectory(journalFolder(directory));
    await disk.makeDirectory(temporaryFolder(directory));
    // A process that was killed here may have left names that are not durable yet.
    await disk.syncDirectory(directory);
  }
  const recovered = await recover({ disk, log }, directory, readOnly);
  if (!readOnly) return journalWriter({ disk, clock, log }, directory, recovered);
  return {
    state: recovered.state,
    end: recovered.tip,
    commit: async () => refuse(),
    checkpointLazily: refuse,
    commitFacts: async () => refuse(),
    close: async () => undefined,
  };
}

function refuse(): never {
  throw new TtlArchiveError('INTERNAL', 'The journal was opened for reading only.');
}
