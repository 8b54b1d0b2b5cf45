import { describe, expect, it } from 'vitest';
import { readManifests } from '../../../src/archive/read-manifests.js';
import { searchManifests } from '../../../src/archive/search-manifests.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { mergeHour, writeBatch } from '../../support/s3-archive.js';

const ALL = Array.from({ length: 9 }, (_, number) => `event-${number}`);

/** An hour of three batches, which is merged when the manifests of it are read for the `nth` time, and a batch of another hour. */
async function mergedAt(nth: number) {
  const objects = new Map<string, Buffer>();
  for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from });
  await writeBatch(objects, 1, { from: 100, hour: 1 });
  let reads = 0;
  return memoryStorage(objects, async ({ operation }, done) => {
    if (operation !== 'read' || done || ++reads !== nth) return;
    (await mergeHour(objects, 9)).deleteManifests();
  });
}

describe('scanManifests', () => {
  it.each([1, 2, 3, 4])('misses nothing of an hour that is merged before its %ith read', async (nth) => {
    const read: string[] = [];
    for await (const { eventID } of readManifests(await mergedAt(nth))) read.push(eventID);
    expect(read.toSorted()).toEqual([...ALL, 'event-100'].toSorted());
    const found = new Set<string>();
    for await (const { eventID } of searchManifests(await mergedAt(nth), [Buffer.from('"eventID"')]))
      found.add(eventID);
    expect([...found].toSorted()).toEqual([...ALL, 'event-100'].toSorted());
  });

  it('passes over a manifest that was deleted and not merged', async () => {
    const objects = new Map<string, Buffer>();
    await writeBatch(objects, 1);
    const storage = memoryStorage(objects, ({ operation }) => {
      if (operation === 'read') objects.clear();
    });
    for await (const entry of readManifests(storage)) expect(entry).toBeUndefined();
  });

  it('reads several manifests at a time, in bounded number, and none after the reader has left', async () => {
    const objects = new Map<string, Buffer>();
    for (let batch = 0; batch < 40; batch++) await writeBatch(objects, 1, { from: batch });
    let inFlight = 0;
    let most = 0;
    let reads = 0;
    const storage = memoryStorage(objects, async ({ operation }, done) => {
      if (operation !== 'read') return;
      inFlight += done ? -1 : 1;
      most = Math.max(most, inFlight);
      if (!done) reads++;
      await new Promise(setImmediate);
    });
    for await (const _ of readManifests(storage)) break;
    const left = reads;
    await new Promise(setImmediate);
    expect(inFlight).toBe(0);
    expect(reads).toBe(left);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(24);
    expect(reads).toBeLessThan(40);
  });
});
