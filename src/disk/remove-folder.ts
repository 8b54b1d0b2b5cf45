import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from './disk-error.js';

/** Removes a folder and its content. Throws TtlArchiveError DISK. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw diskError('remove', path, error);
  }
}

/**
 * Removes empty folders below `path` whose name matches, the deepest first. `path` itself stays, and so do folders that
 * cannot be listed.
 */
export async function removeEmptyFolders(path: string, name: RegExp): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || !name.test(entry.name)) continue;
    const folder = join(path, entry.name);
    await removeEmptyFolders(folder, name);
    // A folder that is not empty holds files that are not ours.
    await rmdir(folder).catch(() => undefined);
  }
}
