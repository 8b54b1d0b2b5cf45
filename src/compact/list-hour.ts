import { dataOf, MANIFESTS } from '../archive/layout.js';
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

/** The folder `year=…/hour=HH` of a manifest; undefined for another object. */
export function hourOf(key: string): string | undefined {
  return /^(year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d)\/[^/]+$/.exec(dataOf(key) ?? '')?.[1];
}

/** Lists an hour. */
export async function listHour(storage: ObjectStorage, folder: string): Promise<HourListing> {
  // A writer creates the manifest last, so that what has one has its data in the later listing.
  const manifests = new Map<string, number>();
  for await (const { key, size } of storage.list(`${MANIFESTS}${folder}/`)) {
    const file = hourOf(key) === folder ? dataOf(key) : undefined;
    if (file !== undefined) manifests.set(file, size);
  }
  const data = new Map<string, number>();
  for await (const { key, size } of storage.list(`${folder}/`)) if (key.endsWith('.json.gz')) data.set(key, size);
  return {
    folder,
    listed: [...manifests].map(([file, manifestSize]) => ({ file, size: data.get(file), manifestSize })),
    withoutManifest: new Set([...data.keys()].filter((file) => !manifests.has(file))),
  };
}
