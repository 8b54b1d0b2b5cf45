import { writeObjects } from '../../src/store/object-writer.js';
import { archivedItems } from './archived-items.js';
import { DELETED_AT } from './change-record.js';
import { memoryStorage } from './memory-storage.js';
import { readS3Archive } from './s3-archive-oracle.js';

/** When nobody writes to the sample hour any more. */
export const SETTLED_AT = (DELETED_AT + 50 * 3600) * 1000;

/** An archive of small objects, as batches of these items have left it. */
export async function smallObjects(
  batches: readonly (readonly [from: number, count: number])[],
  deletedAt = DELETED_AT,
  objects = new Map<string, Buffer>(),
): Promise<Map<string, Buffer>> {
  for (const [from, count] of batches) {
    await writeObjects(memoryStorage(objects), archivedItems(count, { from, deletedAt }), { table: 'Orders' });
  }
  return objects;
}

/** eventID and line of all that counts. */
export function contentOf(objects: ReadonlyMap<string, Buffer>): string[] {
  return readS3Archive(objects)
    .map(({ eventID, line }) => `${eventID} ${line}`)
    .toSorted();
}

/** The data objects. */
export function dataIn(objects: ReadonlyMap<string, Buffer>): string[] {
  return [...objects.keys()].filter((key) => key.startsWith('year=')).toSorted();
}
