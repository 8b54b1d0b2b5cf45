import { stateFolder, temporaryFolder } from '../archive/layout.js';
import type { Disk } from '../ports/index.js';

/** Creates the folder for temporary files, or empties it: its files were left by a process that died. */
export async function emptyTemporaryFolder(disk: Disk, directory: string): Promise<void> {
  const folder = temporaryFolder(stateFolder(directory));
  await disk.makeDirectory(folder);
  for (const name of (await disk.list(folder)) ?? []) {
    // A file server keeps a hidden name for a file that a process still has open; it cannot be removed.
    if (!name.endsWith('/') && !name.startsWith('.')) await disk.remove(`${folder}/${name}`);
  }
}
