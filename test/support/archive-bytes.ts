import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { MemoryDisk } from './memory-disk.js';

/** An archive folder as bytes: paths are relative to it, with `/`. */
export interface ArchiveBytes {
  paths(): Promise<readonly string[]>;
  read(path: string): Promise<Buffer | undefined>;
}

/** A folder of this machine. */
export function folderBytes(directory: string): ArchiveBytes {
  return {
    async paths() {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
    },
    read: (path) => readFile(join(directory, path)).catch(() => undefined),
  };
}

/** A folder of a disk in memory. */
export function memoryBytes(disk: MemoryDisk, directory: string): ArchiveBytes {
  const prefix = `${directory}/`;
  return {
    paths: async () =>
      disk
        .paths()
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length)),
    read: async (path) => disk.content(`${prefix}${path}`),
  };
}
