import type { ObjectStorage } from '../ports/index.js';
import type { FailedBatch } from './failed-batch.js';
import { type FailedPlace, failedObjects } from './failed-batches.js';

/** A batch that AWS Lambda gave up on, and that is not in the archive. Its texts are untrusted. */
export interface OpenGap extends Partial<Omit<FailedBatch, 'event'>> {
  /** The object that holds it. */
  readonly bucket: string;
  readonly key: string;
}

/**
 * What is in the on-failure destination and was not replayed into the archive of `table`: batches of that table, and objects
 * where Lambda writes that cannot be read, which may be of any table. Throws what the storage throws.
 */
export async function* openGaps(
  failed: FailedPlace,
  archive: ObjectStorage,
  table: string | undefined,
): AsyncGenerator<OpenGap> {
  for await (const { state, bucket, key, batch } of failedObjects(failed, archive)) {
    if (state === 'unreadable') yield { bucket, key };
    if (batch === undefined || (table !== undefined && batch.table !== table)) continue;
    const { event: _, ...facts } = batch;
    yield { bucket, key, ...facts };
  }
}
