import { manifestEntries, readHeader } from '../archive/decode-manifest.js';
import { manifestOf } from '../archive/layout.js';
import { MAX_MANIFEST } from '../archive/limits.js';
import { type CompactContext, reportDamage } from './context.js';
import type { HourListing, Listed } from './hour-listing.js';
import { intactLines, notVerified } from './intact-lines.js';
import { generationOf } from './merged-name.js';
import { readStored } from './read-source.js';
import { removeReplaced } from './remove-replaced.js';

/**
 * Deletes what is left of objects that an earlier run has replaced, once the object that replaces them was read back whole.
 * Gives the keys of the data objects that are gone.
 */
export async function finishMerges(context: CompactContext, hour: HourListing): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  for (const own of hour.listed) {
    if (generationOf(own.file) === 0) continue;
    const leftovers = await reportDamage(context, own.file, () => leftoversOf(context, hour, own));
    if (leftovers === undefined || leftovers.length === 0) continue;
    await removeReplaced(context.storage, hour.folder, leftovers);
    for (const file of leftovers) gone.add(file);
    context.totals.leftovers += leftovers.length;
  }
  return gone;
}

/** What the merged object `own` replaces and is still there. Throws when `own` is not intact. */
async function leftoversOf(context: CompactContext, hour: HourListing, own: Listed): Promise<readonly string[]> {
  const { storage } = context;
  const key = manifestOf(own.file);
  const header = await storage.read(key, MAX_MANIFEST);
  const { merged = [] } = header === undefined ? {} : await readHeader(header, key);
  const listed = new Set(hour.listed.map(({ file }) => file));
  // What is merged has a smaller generation, and so sorts before: no two objects can name each other.
  const candidates = merged.filter(
    (file) => generationOf(file) < generationOf(own.file) && (listed.has(file) || hour.withoutManifest.has(file)),
  );
  const stored = candidates.length === 0 ? undefined : await readStored(storage, own);
  if (stored === undefined) return [];
  const eventIDs = new Set<string>();
  for await (const { entry } of intactLines(key, stored)) eventIDs.add(entry.eventID);
  const leftovers: string[] = [];
  for (const file of candidates) {
    const isHeld = await reportDamage(context, file, () => holdsAll(context, eventIDs, file));
    if (isHeld === true) leftovers.push(file);
  }
  return leftovers;
}

/** True; throws NOT_VERIFIED when the manifest of `file`, if it has one, lists an item that is not among these. */
async function holdsAll({ storage }: CompactContext, eventIDs: ReadonlySet<string>, file: string): Promise<true> {
  const key = manifestOf(file);
  const manifest = await storage.read(key, MAX_MANIFEST);
  if (manifest === undefined) return true;
  for await (const { eventID } of manifestEntries(manifest, key)) {
    if (!eventIDs.has(eventID)) throw notVerified(file, 'has an item that the object which replaces it has not');
  }
  return true;
}
