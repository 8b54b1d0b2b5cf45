import type { S3Location } from '../lib/s3-location.js';
import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { type FailedBatch, parseFailedBatch } from './failed-batch.js';
import { listReceipts, type ObjectPlace, receiptOf } from './receipts.js';

/** Bytes of an invocation record: the event of at most 6 MB (AWS: Lambda quotas), each of whose characters JSON may escape. */
const MAX_RECORD = 64 * 1024 * 1024;

/** Where AWS Lambda puts what it gives up on: `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/<time>-<uuid>` (AWS: as above). */
const WRITTEN_BY_LAMBDA = /(?:^|\/)aws\/lambda\/[^/]+\/[^/]+\/\d{4}\/\d\d\/\d\d\/[^/]+$/;

/** The bucket that AWS Lambda puts failed batches into, or a part of it. */
export interface FailedPlace {
  readonly storage: ObjectStorage;
  readonly location: S3Location;
}

/** An object of the on-failure destination. */
export interface FailedObject extends ObjectPlace {
  /** Its key in `FailedPlace.storage`. */
  readonly name: string;
  /** `replayed` is not read; `unreadable` is where Lambda writes, and no invocation record; `unrelated` is anything else. */
  readonly state: 'failed' | 'replayed' | 'unreadable' | 'unrelated';
  readonly batch?: FailedBatch | undefined;
}

/** The objects of an on-failure destination, with what they hold unless the archive has a receipt of them. */
export async function* failedObjects(
  { storage, location }: FailedPlace,
  archive: ObjectStorage,
): AsyncGenerator<FailedObject> {
  const receipts = await listReceipts(archive);
  const { bucket, prefix } = location;
  for await (const object of storage.list('')) {
    const key = prefix === '' ? object.key : `${prefix}/${object.key}`;
    const place = { bucket, key, name: object.key };
    if (receipts.has(receiptOf(place))) yield { ...place, state: 'replayed' };
    else {
      const batch = await readBatch(storage, object);
      // Somebody else has replayed and deleted it.
      if (batch === 'gone') continue;
      const other = WRITTEN_BY_LAMBDA.test(key) ? 'unreadable' : 'unrelated';
      yield { ...place, state: batch === undefined ? other : 'failed', batch };
    }
  }
}

async function readBatch(
  storage: ObjectStorage,
  { key, size }: StoredObject,
): Promise<FailedBatch | 'gone' | undefined> {
  if (size > MAX_RECORD) return undefined;
  const content = await storage.read(key, MAX_RECORD);
  return content === undefined ? 'gone' : parseFailedBatch(content);
}
