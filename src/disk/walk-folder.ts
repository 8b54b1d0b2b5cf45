import { opendir } from 'node:fs/promises';
import type { TtlArchiveError } from '../errors.js';
import { diskError, systemCode } from './disk-error.js';

/** A folder that cannot be listed, as a path relative to the one that is walked (with `/` at its end), and why. */
export interface UnreadableFolder {
  readonly folder: string;
  readonly error: TtlArchiveError;
}

/**
 * Every file below a folder, as a path relative to it with `/`, in the order in which the file system has them. Folders
 * are read piece by piece: one with a million files takes no more memory than a small one. Hidden folders (our own
 * `.ttl-archive`, `.snapshot`) are left out; symbolic links are given and not followed. A folder that is not there holds
 * nothing; one below it that cannot be listed is handed to `onUnreadable`. Throws TtlArchiveError DISK.
 */
export async function* walkFolder(
  folder: string,
  onUnreadable?: (unreadable: UnreadableFolder) => void,
  below = '',
): AsyncGenerator<string, void, undefined> {
  const path = `${folder}/${below}`;
  try {
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      const name = `${below}${entry.name}`;
      if (!entry.isDirectory()) yield name;
      else if (!entry.name.startsWith('.')) yield* walkFolder(folder, onUnreadable, `${name}/`);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    // A folder may go while it is walked.
    if (systemCode(error) === 'ENOENT') return;
    const failure = diskError('list the folder', path, error);
    if (below === '' || onUnreadable === undefined) throw failure;
    onUnreadable({ folder: below, error: failure });
  }
}
