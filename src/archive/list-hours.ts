import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { MANIFESTS, partitionOf } from './layout.js';

/** What an archive in S3 has of one hour of deletion. */
interface Hour {
  /** `year=YYYY/month=MM/day=DD/hour=HH` */
  readonly folder: string;
  readonly objects: readonly StoredObject[];
}

export interface HourRange {
  /** ISO 8601: only the hour of this time and later ones. */
  readonly since?: string | undefined;
  /** ISO 8601: only the hour of this time and earlier ones. */
  readonly until?: string | undefined;
}

/** How the keys of manifests begin, or (empty) those of data objects. */
type Root = typeof MANIFESTS | '';

const NAME = {
  [MANIFESTS]: /^(year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d)\/[^/]+\.ndjson\.gz$/,
  '': /^(year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d)\/[^/]+\.json\.gz$/,
} as const;

/**
 * The manifests or the data objects of an archive in S3, one hour at a time, in order. Passes over objects that are
 * neither. What is merged meanwhile is in its hour: as its parts, which are gone when they are read, or as the merged
 * object, which sorts behind them.
 */
export async function* listHours(
  storage: Pick<ObjectStorage, 'list'>,
  root: Root,
  { since, until }: HourRange = {},
): AsyncGenerator<Hour, void, undefined> {
  const after = since === undefined ? {} : { after: `${root}${partitionOf(since)}` };
  const last = until === undefined ? undefined : partitionOf(until);
  let folder = '';
  let objects: StoredObject[] = [];
  for await (const object of storage.list(`${root}year=`, after)) {
    const own = folderOf(object, root);
    if (own === undefined) continue;
    if (last !== undefined && own > last) break;
    if (own !== folder) {
      if (objects.length > 0) yield { folder, objects };
      folder = own;
      objects = [];
    }
    objects.push(object);
  }
  if (objects.length > 0) yield { folder, objects };
}

/** The objects that `listHours` gives of one hour, as they are now. */
export async function listHour(
  storage: Pick<ObjectStorage, 'list'>,
  root: Root,
  folder: string,
): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of storage.list(`${root}${folder}/`)) {
    if (folderOf(object, root) === folder) objects.push(object);
  }
  return objects;
}

function folderOf({ key }: StoredObject, root: Root): string | undefined {
  return NAME[root].exec(key.slice(root.length))?.[1];
}
