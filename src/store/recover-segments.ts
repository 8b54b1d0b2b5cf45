import { basename, dirname } from 'node:path';
import { assertArchivePath } from '../archive/entry-path.js';
import {
  archivePath,
  isOpenSegment,
  openSegmentFolder,
  openSegmentPath,
  stateFolder,
  temporaryFolder,
} from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { withAppendFile } from '../lib/with-append-file.js';
import type { Journal, SegmentLength } from '../ports/index.js';
import { emptyTemporaryFolder } from './empty-temporary-folder.js';
import { publishSegment } from './segment.js';

/** Bytes of a segment that are copied at a time. */
const PIECE = 2 ** 22;

/**
 * Closes the segments that are open in the journal, with their committed bytes, and records that. Removes segments
 * without any commit.
 *
 * The committed bytes are copied to a new file. A process that was suspended in the middle of a write, and has lost its
 * lock, finishes that write when it goes on: into the old file, which is gone by then.
 *
 * @throws TtlArchiveError JOURNAL when committed bytes are missing, DISK.
 */
export async function recoverSegments(
  archive: ArchiveFolder,
  journal: Pick<Journal, 'state' | 'commitFacts'>,
): Promise<void> {
  const { disk, directory } = archive;
  await emptyTemporaryFolder(disk, directory);
  const segments: SegmentLength[] = [];
  for (const [file, length] of journal.state.openSegments) {
    assertArchivePath(file);
    await recoverSegment(archive, file, length);
    segments.push({ file, length, closed: true });
  }
  const folder = openSegmentFolder(directory);
  const left = ((await disk.list(folder)) ?? []).filter(isOpenSegment);
  for (const name of left) await disk.remove(`${folder}/${name}`);
  if (left.length > 0) await disk.syncDirectory(folder);
  // At once: whatever such a process still appends to the journal no longer continues it, and the next start cuts it off.
  if (segments.length > 0) await journal.commitFacts({ segments });
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
  const from = (await copyOf(archive, file, length)) ?? (await truncated(archive, openPath, length));
  await publishSegment(archive, { from, file });
  if (from !== openPath) await disk.remove(openPath);
}

/** A durable copy of the open segment's first `length` bytes; undefined when the disk cannot hold it. */
async function copyOf({ disk, directory }: ArchiveFolder, file: string, length: number): Promise<string | undefined> {
  const path = openSegmentPath(directory, file);
  const copy = `${temporaryFolder(stateFolder(directory))}/${basename(path)}`;
  try {
    await withAppendFile(disk, copy, async (content) => {
      while (content.length < length) {
        const piece = await disk.readAt(path, content.length, Math.min(PIECE, length - content.length));
        if (piece.length === 0) throw lost(file, `holds ${content.length} bytes of the ${length} that were committed`);
        await content.append(piece);
      }
      await content.sync();
    });
    return copy;
  } catch (error) {
    if (!hasCode(error, 'DISK')) throw error;
    await disk.remove(copy);
    return undefined;
  }
}

/**
 * The file itself, with its first `length` bytes: on a full disk `prune` must still be able to free some space. What a late
 * write adds to it then belongs to no item, and `verify` reports it.
 */
async function truncated({ disk }: ArchiveFolder, path: string, length: number): Promise<string> {
  await withAppendFile(disk, path, (content) => (content.length > length ? content.truncate(length) : content.sync()));
  return path;
}

function lost(file: string, what: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The segment ${file} ${what}.`, {
    remedy: 'Restore the segment from a backup, or use another archive folder (--out).',
  });
}
