import { isDamage } from '../archive/decode-manifest.js';
import { dataOf, MANIFESTS } from '../archive/layout.js';
import { readManifestHead } from '../archive/manifest-head.js';
import type { ObjectStorage } from '../ports/index.js';

/** Manifests that are looked at: what `watch --upload` and `replay` have written does not say where failed batches go. */
const NEWEST = 20;

/** What the manifests of an archive say of it. It is as untrusted as the bucket. */
export interface NotedFacts {
  readonly table?: string;
  /** Where AWS Lambda puts the batches that it gives up on, as an `s3://` URL. */
  readonly failed?: string;
}

/** What the newest manifests say that say anything. Throws what the storage throws. */
export async function notedFacts(archive: ObjectStorage): Promise<NotedFacts> {
  let newest: string[] = [];
  for await (const { key } of archive.list(MANIFESTS)) {
    if (dataOf(key) === undefined) continue;
    newest.push(key);
    if (newest.length > 2 * NEWEST) newest = newest.slice(-NEWEST);
  }
  let table: string | undefined;
  for (const key of newest.slice(-NEWEST).toReversed()) {
    const header = await readHeader(archive, key);
    table ??= header?.table;
    if (table !== undefined && header?.failed !== undefined) return { table, failed: header.failed };
  }
  return table === undefined ? {} : { table };
}

async function readHeader(archive: ObjectStorage, key: string) {
  try {
    return (await readManifestHead(archive, key))?.header;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
