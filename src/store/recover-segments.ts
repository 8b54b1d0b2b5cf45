import { dirname } from 'node:path';
import { assertArchivePath } from '../archive/entry-path.js';
import { archivePath, isOpenSegment, openSegmentFolder, openSegmentPath } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import type { Disk, SegmentLength } from '../ports/index.js';
import { publishSegment } from './segment.js';

interface Archive {
  readonly disk: Disk;
  readonly directory: string;
}

/**
 * Brings the segments that the journal knows as open to what it has committed of them, and closes them: what was
 * appended after the last commit is cut off, and a segment without any commit is removed. Gives the closed segments.
 *
 * @throws TtlArchiveError JOURNAL when committed bytes are missing, DISK.
 */
export async function recoverSegments(
  archive: Archive,
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
  const leftOver = ((await disk.list(folder)) ?? []).filter(isOpenSegment);
  for (const name of leftOver) await disk.remove(`${folder}/${name}`);
  if (leftOver.length > 0) await disk.syncDirectory(folder);
  return closed;
}

async function recoverSegment(archive: Archive, file: string, length: number): Promise<void> {
  const { disk, directory } = archive;
  const openPath = openSegmentPath(directory, file);
  const open = await disk.size(openPath);
  const closed = await disk.size(archivePath(directory, file));
  if (closed !== undefined) {
    if (closed !== length) throw lost(file, `holds ${closed} bytes instead of the ${length} that it was closed with`);
    // The process ended after it gave the segment its final name, maybe before that was durable: it has to be before
    // the folder of open segments is synced without it. (An `.open` beside it is removed with the left-overs.)
    await disk.syncDirectory(dirname(archivePath(directory, file)));
    return;
  }
  if (open === undefined) throw lost(file, 'is missing');
  if (open < length) throw lost(file, `holds ${open} bytes of the ${length} that were committed`);
  const content = await disk.openAppend(openPath);
  try {
    if (open > length) await content.truncate(length);
    else await content.sync();
  } finally {
    await content.close();
  }
  await publishSegment(archive, file);
}

function lost(file: string, what: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The segment ${file} ${what}.`, {
    remedy: 'Put the segment back from a backup, or go on with another archive folder (--out).',
  });
}
