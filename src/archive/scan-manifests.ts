import { mapConcurrently } from '../lib/map-concurrently.js';
import type { ObjectStorage } from '../ports/index.js';
import { MANIFESTS } from './layout.js';
import { MAX_MANIFEST } from './limits.js';
import { type HourRange, listHour, listHours } from './list-hours.js';

/** Manifests that are read at a time: each takes S3 some tens of milliseconds. */
const CONCURRENCY = 24;
/** Bytes of manifests in memory, unless a single one has more. */
const MAX_BYTES = 32 * 1024 * 1024;

/** What was found in a manifest. */
export interface Scanned<T> {
  /** As in `Hour`. */
  readonly folder: string;
  readonly found: T;
}

interface Work {
  readonly folder: string;
  /** The manifest to read; absent at the end of an hour. */
  readonly key?: string;
  readonly size: number;
  /** At the end of an hour: all of its manifests. */
  readonly keys: ReadonlySet<string>;
}

/**
 * Calls `inspect` with the content of each manifest of an archive in S3, for some concurrently, and gives what it finds hour
 * by hour. When a manifest has vanished since it was listed, its items were merged into another object: the hour is listed
 * again, so that an item may be found twice, but none is missed. Throws what the storage and `inspect` throw.
 */
export async function* scanManifests<T>(
  storage: Pick<ObjectStorage, 'list' | 'read'>,
  range: HourRange,
  inspect: (content: Buffer, key: string) => Promise<T>,
): AsyncGenerator<Scanned<T>, void, undefined> {
  const limits = { items: CONCURRENCY, weight: MAX_BYTES, weightOf: ({ size }: Work) => size };
  const scan = async ({ key }: Work): Promise<{ found: T } | undefined> => {
    const content = key === undefined ? undefined : await storage.read(key, MAX_MANIFEST);
    return key === undefined || content === undefined ? undefined : { found: await inspect(content, key) };
  };
  const work = async (item: Work) => ({ ...item, scanned: await scan(item) });
  let vanished = false;
  for await (const { folder, key, keys, scanned } of mapConcurrently(works(storage, range), limits, work)) {
    if (scanned !== undefined) yield { folder, found: scanned.found };
    else if (key !== undefined) vanished = true;
    else {
      for (let seen = keys; vanished; ) {
        const added = (await listHour(storage, MANIFESTS, folder)).filter((object) => !seen.has(object.key));
        seen = new Set([...seen, ...added.map((object) => object.key)]);
        vanished = false;
        for (const object of added) {
          const more = await scan({ folder, keys, ...object });
          if (more === undefined) vanished = true;
          else yield { folder, found: more.found };
        }
      }
    }
  }
}

async function* works(storage: Pick<ObjectStorage, 'list'>, range: HourRange): AsyncGenerator<Work, void, undefined> {
  for await (const { folder, objects } of listHours(storage, MANIFESTS, range)) {
    const keys = new Set(objects.map(({ key }) => key));
    for (const { key, size } of objects) yield { folder, key, size, keys };
    yield { folder, size: 0, keys };
  }
}
