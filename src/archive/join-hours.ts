import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { MANIFESTS } from './layout.js';
import { type HourRange, listHours } from './list-hours.js';

/** The data objects and the manifests of one hour. */
export interface JoinedHour {
  readonly folder: string;
  readonly data: readonly StoredObject[];
  readonly manifests: readonly StoredObject[];
}

/** What an archive in S3 has, one hour at a time, in order. */
export async function* joinHours(
  storage: Pick<ObjectStorage, 'list'>,
  range?: HourRange,
): AsyncGenerator<JoinedHour, void, undefined> {
  const [data, manifests] = [listHours(storage, '', range), listHours(storage, MANIFESTS, range)];
  try {
    // The data first: a writer creates the manifest after them.
    let [own, listed] = [await data.next(), await manifests.next()];
    while (own.done !== true || listed.done !== true) {
      const [first = ''] = [own, listed].flatMap(({ value }) => (value === undefined ? [] : [value.folder])).toSorted();
      const [hasData, hasManifests] = [own.value?.folder === first, listed.value?.folder === first];
      yield {
        folder: first,
        data: hasData ? (own.value?.objects ?? []) : [],
        manifests: hasManifests ? (listed.value?.objects ?? []) : [],
      };
      if (hasData) own = await data.next();
      if (hasManifests) listed = await manifests.next();
    }
  } finally {
    await data.return();
    await manifests.return();
  }
}
