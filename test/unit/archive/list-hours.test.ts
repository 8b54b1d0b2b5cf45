import { describe, expect, it } from 'vitest';
import { type HourRange, listHour, listHours } from '../../../src/archive/list-hours.js';
import type { ObjectStorage, StoredObject } from '../../../src/ports/index.js';
import { memoryStorage } from '../../support/memory-storage.js';

const HOUR = 'year=2026/month=11/day=23/hour=12';
const NEXT = 'year=2026/month=11/day=23/hour=13';

const storageOf = (names: readonly string[]) => memoryStorage(new Map(names.map((key) => [key, Buffer.from('1')])));

async function hoursOf(storage: ObjectStorage, range: HourRange = {}) {
  const hours = [];
  for await (const hour of listHours(storage, '', range)) hours.push(hour);
  return hours;
}

const names = (objects: readonly StoredObject[]) =>
  objects.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)).toSorted();

describe('listHours', () => {
  it('gives data objects by the hour, and passes over everything else', async () => {
    const keys = [
      `${HOUR}/a.json.gz`,
      `${HOUR}/b.json.gz`,
      `${HOUR}/b/nested.json.gz`,
      `${HOUR}/c.json.gz`,
      `${HOUR}/notes.txt`,
      `${NEXT}/d.json.gz`,
      'year=2026/e.json.gz',
      'year=2026/',
      '.ttl-archive/manifests/x',
    ];
    const hours = await hoursOf(storageOf(keys));
    expect(hours.map(({ folder }) => folder)).toEqual([HOUR, NEXT]);
    expect(hours.map(({ objects }) => names(objects))).toEqual([
      ['a.json.gz', 'b.json.gz', 'c.json.gz'],
      ['d.json.gz'],
    ]);
  });

  it('ends after the last hour of the range, and begins with its first', async () => {
    const keys = [`${HOUR}/a.json.gz`, `${NEXT}/d.json.gz`];
    expect(await hoursOf(storageOf(keys), { until: '2026-11-23T12:59:59.999Z' })).toHaveLength(1);
    expect(await hoursOf(storageOf(keys), { since: '2026-11-23T13:00:00.000Z' })).toHaveLength(1);
    expect(await hoursOf(storageOf(keys), { since: '2026-11-23T12:00:00.000Z' })).toHaveLength(2);
  });
});

describe('listHour', () => {
  it('gives one hour as it is now', async () => {
    const keys = [`${HOUR}/a.json.gz`, `${NEXT}/d.json.gz`];
    expect(names(await listHour(storageOf(keys), '', HOUR))).toEqual(['a.json.gz']);
    expect(await listHour(storageOf([]), '', HOUR)).toEqual([]);
  });
});
