import { isArchivePath } from '../archive/entry-path.js';
import { readSegment } from '../archive/segment-path.js';
import { openJournal } from '../journal/open-journal.js';
import { searchJournal } from '../journal/search-journal.js';
import { systemClock } from '../lib/system-clock.js';
import type { Disk, UploadedSegment } from '../ports/index.js';
import type { EntryReader } from './entry-reader.js';

interface Folder {
  readonly disk: Disk;
  readonly directory: string;
  /** Its `.ttl-archive`. */
  readonly state: string;
}

const NEEDLE = Buffer.from('"uploaded":[');

/** The segments of an archive folder that were uploaded to S3, by their files. Reads the journal only if there are any. */
export async function uploadedSegments({ disk, state }: Folder): Promise<ReadonlyMap<string, UploadedSegment>> {
  const uploaded = new Map<string, UploadedSegment>();
  if (!(await mayHaveUploads(disk, state))) return uploaded;
  for await (const record of searchJournal({ disk }, state, { needles: [NEEDLE] })) {
    if ('problem' in record || record.line.type !== 'checkpoint') continue;
    for (const segment of record.line.uploaded ?? []) {
      if (isArchivePath(segment.file)) uploaded.set(segment.file, segment);
    }
  }
  return uploaded;
}

/** Those of them that are not in the folder any more. */
export async function onlyInS3(
  folder: Folder,
  uploaded: ReadonlyMap<string, UploadedSegment>,
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const file of uploaded.keys()) if (!(await isHere(folder, file))) missing.add(file);
  return missing;
}

/** Says of an item that cannot be read because its segment was removed after the upload where it is. */
export function withUploads(
  read: EntryReader,
  folder: Folder,
  uploaded: ReadonlyMap<string, UploadedSegment>,
): EntryReader {
  if (uploaded.size === 0) return read;
  return async (entry) => {
    const content = await read(entry);
    const segment = uploaded.get(entry.file);
    if (!('problem' in content) || segment === undefined || (await isHere(folder, entry.file))) return content;
    return { problem: `it is in S3, and not in this folder any more; use --out ${segment.to}` };
  };
}

/** A damaged journal is searched: what can be read of it counts. */
async function mayHaveUploads(disk: Disk, directory: string): Promise<boolean> {
  try {
    const { state } = await openJournal({ disk, clock: systemClock }, { directory, readOnly: true });
    return state.uploads !== undefined;
  } catch {
    return true;
  }
}

async function isHere({ disk, directory }: Folder, file: string): Promise<boolean> {
  return (await readSegment({ disk, directory }, file, async () => true)) === true;
}
