import { hash } from 'node:crypto';
import { RECEIPTS } from '../archive/layout.js';
import type { ObjectStorage } from '../ports/index.js';

const HASH_LENGTH = 32;

/** An object in a bucket; `key` is the whole key. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** The key of the receipt that says that the batch in this object is archived. The place is hashed: it is untrusted. */
export function receiptOf({ bucket, key }: ObjectPlace): string {
  return `${RECEIPTS}${hash('sha256', JSON.stringify([bucket, key])).slice(0, HASH_LENGTH)}.json`;
}

/** The keys of all receipts of an archive. */
export async function listReceipts(archive: ObjectStorage): Promise<ReadonlySet<string>> {
  const receipts = new Set<string>();
  for await (const { key } of archive.list(RECEIPTS)) receipts.add(key);
  return receipts;
}

/** Creates the receipt, unless there is one. */
export async function createReceipt(archive: ObjectStorage, { bucket, key }: ObjectPlace): Promise<void> {
  const content = `${JSON.stringify({ type: 'replayed', version: 1, bucket, key })}\n`;
  await archive.create(receiptOf({ bucket, key }), Buffer.from(content));
}
