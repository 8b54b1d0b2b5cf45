import { dataOf, MANIFESTS } from '../archive/layout.js';
import { listHour } from '../archive/list-hours.js';
import type { ObjectStorage } from '../ports/index.js';

/** A data object that has a manifest. */
export interface Listed {
  readonly file: string;
  /** Undefined when it is missing. */
  readonly size: number | undefined;
  readonly manifestSize: number;
}

/** The objects of one hour. */
export interface HourListing {
  readonly folder: string;
  /** In the order of their keys. */
  readonly listed: readonly Listed[];
  /** Data objects without a manifest. */
  readonly withoutManifest: ReadonlySet<string>;
}

/** Lists an hour, and says which manifest is whose. */
export async function hourListing(storage: ObjectStorage, folder: string): Promise<HourListing> {
  // A writer creates the manifest last, so that what has one has its data in the later listing.
  const manifests = await listHour(storage, MANIFESTS, folder);
  const data = new Map((await listHour(storage, '', folder)).map(({ key, size }) => [key, size]));
  const listed = manifests.map(({ key, size }) => {
    const file = dataOf(key) ?? '';
    return { file, size: data.get(file), manifestSize: size };
  });
  for (const { file } of listed) data.delete(file);
  return { folder, listed, withoutManifest: new Set(data.keys()) };
}
