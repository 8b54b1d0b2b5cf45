import { readPrunes } from '../journal/prunes.js';
import { searchJournal } from '../journal/search-journal.js';
import type { Disk, ItemEntry } from '../ports/index.js';
import { findVersions } from './find.js';
import type { KeyQuery } from './key-text.js';
import { isWithin, type Window, windowNeedle } from './window.js';

interface Folder {
  readonly disk: Disk;
  /** Its `.ttl-archive`. */
  readonly state: string;
}

/** The writer's own clock names the journal's files: it may have been behind AWS's, by which items are deleted. */
const CLOCK_BEHIND = 86_400_000;

/** The versions of a key in the order in which they were archived, the newest last. */
export async function findInFolder(folder: Folder, query: KeyQuery, window: Window): Promise<ItemEntry[]> {
  const versions = await findVersions((needles) => search(folder, needles, window), query);
  return versions.filter((entry) => isWithin(window, entry));
}

/** The items of a window in the order in which they were archived. */
export async function* folderItems(folder: Folder, window: Window): AsyncGenerator<ItemEntry[]> {
  for await (const entry of search(folder, [windowNeedle(window)], window)) if (isWithin(window, entry)) yield [entry];
}

/** An item is not archived before it is deleted, so earlier files of the journal are left out. */
async function* search(
  { disk, state }: Folder,
  needles: readonly Buffer[],
  { since, by }: Window,
): AsyncGenerator<ItemEntry> {
  const first = since === undefined || by === 'expired' ? undefined : since - CLOCK_BEHIND;
  const prunes = await readPrunes({ disk }, state);
  for await (const record of searchJournal({ disk }, state, { needles, since: first })) {
    if ('problem' in record || record.line.type !== 'item') continue;
    const { type: _, ...entry } = record.line;
    if (prunes.has(entry, record)) continue;
    yield entry;
  }
}
