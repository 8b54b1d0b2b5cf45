import type { HourRange } from '../archive/list-hours.js';
import { type ManifestOptions, readInBatches, readTimes } from '../archive/read-manifests.js';
import { searchManifests } from '../archive/search-manifests.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { compareDeletions } from './deletion-order.js';
import { findVersions } from './find.js';
import type { KeyQuery } from './key-text.js';
import { hoursOf, isWithin, type Window, windowNeedle } from './window.js';

interface ObjectFinder {
  readonly storage: Pick<ObjectStorage, 'list' | 'read'>;
  readonly onDamage?: ManifestOptions['onDamage'];
}

/** The versions of a key in an archive in S3, in the order of their deletion. Reads manifests alone. */
export async function findInObjects(
  { storage, onDamage }: ObjectFinder,
  query: KeyQuery,
  window: Window,
): Promise<ItemEntry[]> {
  const range = { ...hoursOf(window), onDamage };
  const versions = await findVersions((needles) => searchManifests(storage, needles, range), query);
  const unique = new Map(versions.map((entry) => [entry.eventID, entry]));
  return [...unique.values()].filter((entry) => isWithin(window, entry)).toSorted(compareDeletions);
}

/** The items of a window in an archive in S3, by the hour of their deletion, many at a time. Reads manifests alone. */
export async function* objectItems({ storage, onDamage }: ObjectFinder, window: Window): AsyncGenerator<ItemEntry[]> {
  const options = { ...inWindow(window), onDamage };
  for await (const batch of readInBatches(storage, options)) yield batch.filter((entry) => isWithin(window, entry));
}

/**
 * How many items there are in a window, some at a time, in less time than it takes to read them. The eventIDs alone say
 * which items are repeated, so that every line of an hour has to be looked at.
 */
export async function* countObjectItems({ storage, onDamage }: ObjectFinder, window: Window): AsyncGenerator<number> {
  for await (const batch of readTimes(storage, { ...inWindow(window), onDamage })) {
    yield batch.filter((times) => isWithin(window, times)).length;
  }
}

function inWindow(window: Window): HourRange & { readonly needles: readonly Buffer[] } {
  return { ...hoursOf(window), needles: [windowNeedle(window)] };
}
