import type { Disk } from '../ports/index.js';
import { archivePath, openSegmentPath } from './layout.js';

interface Archive {
  readonly disk: Disk;
  readonly directory: string;
}

/**
 * Where the bytes of a segment are now: under its final name, or still open; undefined when it is in neither place.
 * The final name is looked at again at the end: a running watch may have closed the segment in between.
 */
async function segmentPath({ disk, directory }: Archive, file: string): Promise<string | undefined> {
  const closed = archivePath(directory, file);
  for (const path of [closed, openSegmentPath(directory, file), closed]) {
    if ((await disk.size(path)) !== undefined) return path;
  }
  return undefined;
}

/** Reads something of a segment, once more when a running watch gives it its final name meanwhile; undefined: missing. */
export async function readSegment<T>(
  archive: Archive,
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
