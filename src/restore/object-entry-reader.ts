import { readGzipMember } from '../archive/gzip-member.js';
import { manifestOf, partitionOf } from '../archive/layout.js';
import { objectWindow } from '../archive/object-window.js';
import { readManifests } from '../archive/read-manifests.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { type EntryReader, entryReaderOf } from './entry-reader.js';

/** How often an item may be merged into yet another object while it is looked for. */
const MAX_MERGES = 5;

/**
 * Reads the items of an archive in S3 one by one. An item whose data object was merged into another one is looked up in the
 * manifests of its hour again. Throws what the storage throws: an outage is not a damaged item.
 */
export function createObjectEntryReader(storage: ObjectStorage): EntryReader {
  const read = entryReaderOf({
    async readMember(file, offset) {
      return (await readGzipMember({ disk: objectWindow(storage) }, { path: file, offset }))?.content;
    },
    readPlain: async ({ file, offset = 0, size }) => storage.readAt(file, offset, size),
  });
  const merged = createMerged(storage);
  return async (entry) => {
    let place = entry;
    for (let merges = 0; ; merges++) {
      const content = await read(place);
      if ('text' in content || merges === MAX_MERGES) return content;
      const next = await merged.placeOf(place);
      if (next === undefined || next.sha256 !== entry.sha256) return content;
      place = next;
    }
  };
}

/** Looks up items whose data object is gone. Remembers the places of the items of one hour. */
function createMerged(storage: ObjectStorage): { placeOf(entry: ItemEntry): Promise<ItemEntry | undefined> } {
  /** By data object: whether its manifest is still there. Merging deletes it before the data. */
  const manifests = new Map<string, Promise<boolean>>();
  let hour = '';
  let places: Promise<ReadonlyMap<string, ItemEntry>> = Promise.resolve(new Map());
  /** Data objects that were gone before `places` was read. */
  let gone = new Set<string>();

  const hasManifest = async (file: string) => (await storage.readAt(manifestOf(file), 0, 1)) !== undefined;
  const readPlaces = async ({ deletedAt }: ItemEntry): Promise<Map<string, ItemEntry>> => {
    const found = new Map<string, ItemEntry>();
    const range = { since: deletedAt, until: deletedAt, onDamage: () => undefined };
    for await (const entry of readManifests(storage, range)) found.set(entry.eventID, entry);
    return found;
  };
  return {
    async placeOf(entry) {
      const { file, eventID, deletedAt } = entry;
      const known = manifests.get(file) ?? hasManifest(file);
      manifests.set(file, known);
      if (await known) return undefined;
      const folder = partitionOf(deletedAt);
      if (folder !== hour || !gone.has(file)) {
        gone = folder === hour ? gone.add(file) : new Set([file]);
        hour = folder;
        places = readPlaces(entry);
      }
      return (await places).get(eventID);
    },
  };
}
