import { dirname } from 'node:path';
import { recordHash, safeSequenceNumber } from '../archive/file-name.js';
import { archivePath, openSegmentPath } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import type { AppendFile, ArchivedItem } from '../ports/index.js';

/** An open segment. */
export interface Segment {
  /** The final path, relative to the archive folder. */
  readonly file: string;
  readonly folder: string;
  readonly content: AppendFile;
  /** When it was last appended to, in epoch milliseconds. */
  touchedAt: number;
  items: number;
}

/** Creates a segment, named after its first record. The name is durable once the folder of open segments is synced. */
export async function createSegment(
  archive: ArchiveFolder,
  { folder, first, extension }: { folder: string; first: ArchivedItem; extension: string },
): Promise<Segment> {
  const { disk, directory } = archive;
  const stem = `${folder}/${safeSequenceNumber(first.record.SequenceNumber)}-${recordHash(first.record)}`;
  for (let copy = 1; ; copy++) {
    const file = `${stem}${copy === 1 ? '' : `-${copy}`}${extension}`;
    // A closed segment never changes, not even when a record is archived again because the journal was lost.
    if ((await disk.size(archivePath(directory, file))) !== undefined) continue;
    if ((await disk.size(openSegmentPath(directory, file))) !== undefined) continue;
    const content = await disk.openAppend(openSegmentPath(directory, file));
    return { file, folder, content, touchedAt: 0, items: 0 };
  }
}

/** Gives a segment its final name, durably. Its content must be durable. */
export async function publishSegment(
  { disk, directory }: ArchiveFolder,
  { from, file }: { readonly from: string; readonly file: string },
): Promise<void> {
  const target = archivePath(directory, file);
  await disk.makeDirectory(dirname(target));
  await disk.rename(from, target);
  await disk.syncDirectory(dirname(target));
  await disk.syncDirectory(dirname(from));
}
