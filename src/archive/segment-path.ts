import type { Disk } from '../ports/index.js';
import { archivePath, openSegmentPath } from './layout.js';

/** An archive folder and the disk that it is on. */
export interface ArchiveFolder {
  readonly disk: Disk;
  readonly directory: string;
}

/**
 * The path of a segment now: its final name or its name while open; undefined when there is neither. The final name is
 * tried again at the end, because a running watch may have closed the segment in between.
 */
async function segmentPath({ disk, directory }: ArchiveFolder, file: string): Promise<string | undefined> {
  const closed = archivePath(directory, file);
  for (const path of [closed, openSegmentPath(directory, file), closed]) {
    if ((await disk.size(path)) !== undefined) return path;
  }
  return undefined;
}

/** Reads from a segment, again when a running watch renames it meanwhile; undefined when the segment is missing. */
export async function readSegment<T>(
  archive: ArchiveFolder,
  file: string,
  read: (path: string) => Promise<T>,
): Promise<T | undefined> {
  const path = await segmentPath(archive, file);
  if (path === undefined) return undefined;
  try {
    return await read(path);
  } catch (error) {
    const renamed = await segmentPath(archive, file);
    if (renamed === path) throw error;
    return renamed === undefined ? undefined : read(renamed);
  }
}
