import { dirname } from 'node:path';
import { assertArchivePath } from '../archive/entry-path.js';
import { archivePath, isOpenSegment, openSegmentFolder, openSegmentPath } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { TtlArchiveError } from '../errors.js';
import { withAppendFile } from '../lib/with-append-file.js';
import type { SegmentLength } from '../ports/index.js';
import { publishSegment } from './segment.js';

/**
 * Truncates the segments that are open in the journal to their committed length and closes them. Removes segments without
 * any commit. Returns the closed segments.
 *
 * @throws TtlArchiveError JOURNAL when committed bytes are missing, DISK.
 */
export async function recoverSegments(
  archive: ArchiveFolder,
  openSegments: ReadonlyMap<string, number>,
): Promise<SegmentLength[]> {
  const { disk, directory } = archive;
  const closed: SegmentLength[] = [];
  for (const [file, length] of openSegments) {
    assertArchivePath(file);
    await recoverSegment(archive, file, length);
    closed.push({ file, length, closed: true });
  }
  const folder = openSegmentFolder(directory);
  const uncommitted = ((await disk.list(folder)) ?? []).filter(isOpenSegment);
  for (const name of uncommitted) await disk.remove(`${folder}/${name}`);
  if (uncommitted.length > 0) await disk.syncDirectory(folder);
  return closed;
}

async function recoverSegment(archive: ArchiveFolder, file: string, length: number): Promise<void> {
  const { disk, directory } = archive;
  const openPath = openSegmentPath(directory, file);
  const open = await disk.size(openPath);
  const closed = await disk.size(archivePath(directory, file));
  if (closed !== undefined) {
    if (closed !== length) throw lost(file, `holds ${closed} bytes instead of the ${length} that it was closed with`);
    // The process ended after the rename, maybe before it was durable. The new name must be durable before the folder of
    // open segments is synced without the old one.
    await disk.syncDirectory(dirname(archivePath(directory, file)));
    return;
  }
  if (open === undefined) throw lost(file, 'is missing');
  if (open < length) throw lost(file, `holds ${open} bytes of the ${length} that were committed`);
  await withAppendFile(disk, openPath, (content) => (open > length ? content.truncate(length) : content.sync()));
  await publishSegment(archive, file);
}

function lost(file: string, what: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The segment ${file} ${what}.`, {
    remedy: 'Restore the segment from a backup, or use another archive folder (--out).',
  });
}
