import { relative } from 'node:path';
import { readPrunes, withoutPruned } from '../journal/prunes.js';
import { journalSource } from '../restore/candidates.js';
import { committedItems } from '../restore/committed-items.js';
import { createEntryReader } from '../restore/entry-reader.js';
import { findInFolder, folderItems } from '../restore/find-in-folder.js';
import { onlyInS3, uploadedSegments, withUploads } from '../restore/uploaded-segments.js';
import type { ArchiveFolder } from './archive-folder.js';
import type { ArchiveToRead } from './archive-to-read.js';
import type { ReadingContext } from './open-storage.js';

/** An archive folder as find and restore read it. */
export async function folderToRead(
  folder: ArchiveFolder,
  { cwd }: Pick<ReadingContext, 'cwd'>,
): Promise<ArchiveToRead> {
  const { disk, state, facts, journal, directory } = folder;
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
    async *count(window) {
      for await (const items of folderItems(folder, window)) yield items.length;
    },
    placeOf(file) {
      const segment = gone.has(file) ? uploaded.get(file) : undefined;
      return segment === undefined ? relative(cwd, `${directory}/${file}`) : `${segment.to}/${segment.key}`;
    },
    source: async (selection, { keyNames, onDamage }) => {
      const prunes = await readPrunes({ disk }, state);
      const input = { journal: () => withoutPruned(journal(), prunes), read, keyNames, onProblem: onDamage };
      return journalSource(input, selection);
    },
  };
}
