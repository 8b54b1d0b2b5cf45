import { archiveFile, stateFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import type { Disk } from '../ports/index.js';

/** The names of the folders in `root` that are archives: `watch` of several tables makes one for each. Untrusted. */
export async function archivesIn(disk: Disk, root: string): Promise<string[]> {
  const folders = ((await disk.list(root)) ?? []).filter((name) => name.endsWith('/') && !name.startsWith('.'));
  const archives: string[] = [];
  for (const folder of folders) {
    const name = folder.slice(0, -1);
    if (await isArchive(disk, `${root}/${name}`)) archives.push(name);
  }
  return archives;
}

async function isArchive(disk: Disk, directory: string): Promise<boolean> {
  try {
    return (await disk.size(archiveFile(stateFolder(directory)))) !== undefined;
  } catch (error) {
    // A folder that cannot be read, or has a link in the place of the file.
    if (error instanceof TtlArchiveError) return false;
    throw error;
  }
}
