import { opendir } from 'node:fs/promises';
import { diskError, systemCode } from './disk-error.js';

/**
 * Every file below a folder, as a path relative to it with `/`, in the order in which the file system has them. Folders
 * are read piece by piece: one with a million files takes no more memory than a small one. Symbolic links are given and
 * not followed. A folder that is not there holds nothing. Throws TtlArchiveError DISK.
 */
export async function* walkFolder(
  folder: string,
  { skip }: { /** A folder at the top that is left out. */ readonly skip: string },
  below = '',
): AsyncGenerator<string, void, undefined> {
  const path = `${folder}/${below}`;
  try {
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      const name = `${below}${entry.name}`;
      if (!entry.isDirectory()) yield name;
      else if (name !== skip) yield* walkFolder(folder, { skip }, `${name}/`);
    }
  } catch (error) {
    if (below === '' && systemCode(error) === 'ENOENT') return;
    throw error instanceof Error && 'code' in error && 'syscall' in error
      ? diskError('list the folder', path, error)
      : error;
  }
}
