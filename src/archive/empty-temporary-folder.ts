import type { Disk } from '../ports.js';
import { temporaryFolder } from './archive-path.js';

/** Makes the folder for temporary files, or empties it: what lies there was left by a process that died. */
export async function emptyTemporaryFolder(disk: Disk, directory: string): Promise<void> {
  const folder = temporaryFolder(directory);
  await disk.makeDirectory(folder);
  for (const name of (await disk.list(folder)) ?? []) {
    if (!name.endsWith('/')) await disk.remove(`${folder}/${name}`);
  }
}
