import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeBuckets } from '../../../src/report/time-buckets.js';

const HOUR = 3_600_000;
/** The first and the last time that a Date can have. */
const [MIN, MAX] = [-8.64e15, 8.64e15];

function bucketsOf(times: readonly number[]): TimeBuckets {
  const buckets = new TimeBuckets();
  for (const time of times) buckets.add(time, 1, 10);
  return buckets;
}

describe('TimeBuckets', () => {
  it('counts each item once, in a bucket of its time, whatever the times are', () => {
    const near = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(near, fc.integer({ min: MIN, max: MAX })), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 100 }),
        (times, most) => {
          const buckets = bucketsOf(times).toBuckets(most);
          expect(buckets.length).toBeLessThanOrEqual(most);
          for (const { start, width, items, bytes } of buckets) {
            const within = times.filter((time) => time >= start && time < start + width).length;
            expect([items, bytes]).toEqual([within, within * 10]);
          }
          expect(buckets.reduce((sum, { items }) => sum + items, 0)).toBe(times.length);
        },
      ),
    );
  });

  it('shows hours of a day, days of a month, and the hours without items, too', () => {
    expect(bucketsOf([0, 5 * HOUR]).toBuckets(100)).toMatchObject([
      { start: 0, width: HOUR, items: 1 },
      ...Array.from({ length: 4 }, () => ({ items: 0 })),
      { start: 5 * HOUR, items: 1 },
    ]);
    expect(bucketsOf([0, 30 * 24 * HOUR]).toBuckets(100)).toHaveLength(31);
    expect(bucketsOf([]).toBuckets(100)).toEqual([]);
  });

  it('keeps a bounded number of buckets of 100,000 different hours', () => {
    const times = Array.from({ length: 100_000 }, (_, index) => index * HOUR);
    const all = bucketsOf(times).toBuckets(1_000_000);
    expect(all.length).toBeLessThanOrEqual(5000);
    expect(all.reduce((sum, { items }) => sum + items, 0)).toBe(100_000);
  });
});
