import { opendir } from 'node:fs/promises';
import type { TtlArchiveError } from '../errors.js';
import { diskError, systemCode } from './disk-error.js';

/** A folder that cannot be listed, as a path relative to the root of the walk with a final `/`, and why. */
export interface UnreadableFolder {
  readonly folder: string;
  readonly error: TtlArchiveError;
}

/**
 * Every file below a folder, as a path relative to it with `/`, in the order of the file system. Memory does not grow with
 * the size of a folder. Skips hidden folders (`.ttl-archive`, `.snapshot`); includes symbolic links and does not follow
 * them. A missing folder counts as empty; a subfolder that cannot be listed is passed to `onUnreadable`. Throws
 * TtlArchiveError DISK.
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
    // A folder may be removed during the walk.
    if (systemCode(error) === 'ENOENT') return;
    const failure = diskError('list the folder', path, error);
    if (below === '' || onUnreadable === undefined) throw failure;
    onUnreadable({ folder: below, error: failure });
  }
}
