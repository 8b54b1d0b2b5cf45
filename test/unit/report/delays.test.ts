import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delays } from '../../../src/report/delays.js';

const DAY = 86_400_000;

function delaysOf(values: readonly number[]): Delays {
  const delays = new Delays();
  for (const value of values) delays.add(0, value);
  return delays;
}

describe('Delays', () => {
  it('has quantiles that are right to one per cent', () => {
    const delay = fc.oneof(fc.nat(5000), fc.nat(2 * DAY), fc.nat(2_000_000_000));
    const share = fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1);
    fc.assert(
      fc.property(fc.array(delay, { minLength: 1, maxLength: 300 }), share, (values, of) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(sorted.length * of)) - 1] ?? Number.NaN;
        expect(Math.abs((delaysOf(values).quantile(of) ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01 + 1);
      }),
    );
  });

  it('counts each delay in one range, by its end', () => {
    const delays = delaysOf([0, 59_999, 60_000, DAY - 1, DAY, 365 * DAY]);
    expect(delays.ranges().map(({ count }) => count)).toEqual([2, 1, 0, 0, 1, 1, 0, 1]);
    expect(delays).toMatchObject({ count: 6, early: 0, longest: 365 * DAY });
  });

  it('counts items that were deleted before they expired apart', () => {
    const delays = new Delays();
    delays.add(2000, 1000);
    expect(delays).toMatchObject({ count: 0, early: 1 });
    expect(delays.quantile(0.5)).toBeUndefined();
  });
});
