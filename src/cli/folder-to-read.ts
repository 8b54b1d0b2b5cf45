import { relative } from 'node:path';
import { journalSource } from '../restore/candidates.js';
import { committedItems } from '../restore/committed-items.js';
import { createEntryReader } from '../restore/entry-reader.js';
import { findInFolder, folderItems } from '../restore/find-in-folder.js';
import { onlyInS3, uploadedSegments, withUploads } from '../restore/uploaded-segments.js';
import type { ArchiveFolder } from './archive-folder.js';
import type { ArchiveToRead } from './archive-to-read.js';
import type { Io } from './io.js';

/** An archive folder as find and restore read it. */
export async function folderToRead(folder: ArchiveFolder, io: Io): Promise<ArchiveToRead> {
  const { facts, journal, directory } = folder;
  const uploaded = await uploadedSegments(folder);
  const gone = await onlyInS3(folder, uploaded);
  const read = withUploads(createEntryReader(folder), folder, uploaded);
  return {
    facts,
    folder,
    read,
    async firstKey() {
      for await (const { Keys } of committedItems(journal())) return Keys;
      return undefined;
    },
    versions: (query, window) => findInFolder(folder, query, window),
    items: (window) => folderItems(folder, window),
    placeOf(file) {
      const segment = gone.has(file) ? uploaded.get(file) : undefined;
      return segment === undefined ? relative(io.cwd, `${directory}/${file}`) : `${segment.to}/${segment.key}`;
    },
    source: (selection, { keyNames, onDamage }) =>
      journalSource({ journal, read, keyNames, onProblem: onDamage }, selection),
  };
}
