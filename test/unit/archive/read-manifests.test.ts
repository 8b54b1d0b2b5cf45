import { describe, expect, it } from 'vitest';
import { type ManifestOptions, readManifests } from '../../../src/archive/read-manifests.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { DELETED_AT } from '../../support/change-record.js';
import { memoryStorage } from '../../support/memory-storage.js';

const objects = new Map<string, Buffer>();
const reads: string[] = [];
const storage = memoryStorage(objects, ({ operation, key }, done) => {
  if (done && operation === 'read') reads.push(key);
});
const write = (count: number, from: number, hour: number) =>
  writeObjects(storage, archivedItems(count, { from, deletedAt: DELETED_AT + 3600 * hour }), { table: 'Orders' });

// Two batches that overlap, as after a retry that was cut differently, and three other hours.
await write(3, 0, 0);
await write(4, 1, 0);
await write(1, 10, 1);
await write(1, 11, 2);
await write(1, 12, 24);
for (const key of objects.keys()) {
  // A writer that died before it could write the manifest.
  if (key.startsWith('.') && key.includes('day=23/hour=14')) objects.delete(key);
}

async function events(range: ManifestOptions = {}): Promise<string[]> {
  reads.length = 0;
  const found: string[] = [];
  for await (const { eventID } of readManifests(storage, range)) found.push(eventID);
  return found;
}

describe('readManifests', () => {
  it('gives every item once, by the hour of its deletion, and none without a manifest', async () => {
    const found = await events();
    expect(found.slice(0, 5).toSorted()).toEqual(['event-0', 'event-1', 'event-2', 'event-3', 'event-4']);
    expect(found.slice(5)).toEqual(['event-10', 'event-12']);
  });

  it('reads only the manifests of the hours that were asked for', async () => {
    expect(await events({ since: '2026-11-23T13:59:59.000Z', until: '2026-11-24T11:59:59.000Z' })).toEqual([
      'event-10',
    ]);
    expect(reads).toHaveLength(1);
    expect(await events({ since: '2026-11-24T12:00:00.000Z' })).toEqual(['event-12']);
    expect(await events({ until: '2026-11-23T11:59:59.000Z' })).toEqual([]);
  });

  it('passes over a manifest that is deleted while it lists', async () => {
    const vanishing = { ...storage, read: async () => undefined };
    for await (const entry of readManifests(vanishing)) expect(entry).toBeUndefined();
  });
});
