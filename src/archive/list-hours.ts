import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { MANIFESTS, partitionOf } from './layout.js';

/** What an archive in S3 has of one hour of deletion. */
export interface Hour {
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
export type Root = typeof MANIFESTS | '';

type Lister = Pick<ObjectStorage, 'list'>;

const NAME = {
  [MANIFESTS]: /^(year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d)\/[^/]+\.ndjson\.gz$/,
  '': /^(year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d)\/[^/]+\.json\.gz$/,
} as const;

/**
 * The manifests or the data objects of an archive in S3, one hour at a time, in order. Passes over objects that are
 * neither. What is merged meanwhile is in its hour: as the merged object, or as its parts, which are gone when they are read.
 */
export async function* listHours(
  storage: Lister,
  root: Root,
  { since, until }: HourRange = {},
): AsyncGenerator<Hour, void, undefined> {
  const after = since === undefined ? {} : { after: `${root}${partitionOf(since)}` };
  const last = until === undefined ? undefined : partitionOf(until);
  let hour = new Listing(root);
  for await (const object of storage.list(`${root}year=`, after)) {
    const folder = hour.folderOf(object);
    if (folder !== undefined && folder !== hour.folder) {
      if (last !== undefined && folder > last) break;
      if (hour.folder !== undefined) yield await hour.finish(storage);
      hour = new Listing(root);
    }
    hour.add(object);
  }
  if (hour.folder !== undefined) yield await hour.finish(storage);
}

/** What `listHours` gives of one hour, as it is now. */
export async function listHour(storage: Lister, root: Root, folder: string): Promise<Hour> {
  const hour = new Listing(root);
  for await (const object of storage.list(`${root}${folder}/`)) hour.add(object);
  return hour.folder === undefined ? { folder, objects: [] } : hour.finish(storage);
}

/** The objects of one hour, as they are listed. */
class Listing {
  readonly #root: Root;
  readonly #objects = new Map<string, StoredObject>();
  /** An answer ended within the hour: the next one is from a later moment. */
  #isSplit = false;
  folder: string | undefined;

  constructor(root: Root) {
    this.#root = root;
  }

  folderOf({ key }: StoredObject): string | undefined {
    return NAME[this.#root].exec(key.slice(this.#root.length))?.[1];
  }

  add(object: StoredObject): void {
    const folder = this.folderOf(object);
    if (folder !== undefined) {
      this.folder = folder;
      this.#objects.set(object.key, object);
    }
    this.#isSplit ||= this.folder !== undefined && object.endsPage === true;
  }

  /**
   * While a listing takes several answers, parts may be merged: created behind the place that it has reached, deleted ahead of
   * it. Of two listings, one after the other, either the first has the parts, or the second the merged object.
   */
  async finish(storage: Lister): Promise<Hour> {
    const { folder = '' } = this;
    if (this.#isSplit) for await (const object of storage.list(`${this.#root}${folder}/`)) this.add(object);
    return { folder, objects: [...this.#objects.values()] };
  }
}
