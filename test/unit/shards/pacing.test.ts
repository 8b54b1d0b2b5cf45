import { describe, expect, it } from 'vitest';
import { EMPTY_PAGES_WHEN_CAUGHT_UP, type LastPage, nextDelay } from '../../../src/shards/pacing.js';

const pace = { pollInterval: 250, maxPollInterval: 5000 };
const middle = () => 0.5;
const page = (more: Partial<LastPage>): LastPage => ({
  records: 0,
  bytes: 100,
  emptyPages: 0,
  age: 1000,
  finite: false,
  behind: false,
  ...more,
});

describe('nextDelay', () => {
  it('does not wait when the page was full by records or by bytes', () => {
    expect(nextDelay(page({ records: 1000 }), pace, middle)).toBe(0);
    expect(nextDelay(page({ records: 3, bytes: 1_000_000 }), pace, middle)).toBe(0);
  });

  it('does not wait when the records are old', () => {
    expect(nextDelay(page({ records: 3, age: 10 * 60_000 }), pace, middle)).toBe(0);
  });

  it('waits pollInterval when fresh records trickle in, though DynamoDB Local dates them back by a minute', () => {
    expect(nextDelay(page({ records: 3 }), pace, middle)).toBe(250);
    expect(nextDelay(page({ records: 3, age: 59_999 }), pace, middle)).toBe(250);
    expect(nextDelay(page({ records: 3, age: undefined }), pace, middle)).toBe(250);
  });

  it('does not wait when an end is known to come, up to a hundred empty pages', () => {
    expect(nextDelay(page({ records: 3, finite: true }), pace, middle)).toBe(0);
    expect(nextDelay(page({ emptyPages: 20, finite: true }), pace, middle)).toBe(0);
    expect(nextDelay(page({ emptyPages: 1000, finite: true }), pace, middle)).toBe(5000);
  });

  it('does not wait after an empty page while the shard is behind', () => {
    expect(nextDelay(page({ emptyPages: 1, behind: true }), pace, middle)).toBe(0);
  });

  it('grows from pollInterval to maxPollInterval, and no further, when the shard is idle', () => {
    const delays = Array.from({ length: 30 }, (_, more) =>
      nextDelay(page({ emptyPages: EMPTY_PAGES_WHEN_CAUGHT_UP + more }), pace, middle),
    );
    expect(delays[0]).toBe(250);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect(delays.slice(8).every((delay) => delay === 5000)).toBe(true);
    expect(nextDelay(page({ emptyPages: 1e6 }), pace, middle)).toBe(5000);
  });

  it('jitters the growth, so that shards that became idle together do not stay in step', () => {
    const idle = page({ emptyPages: EMPTY_PAGES_WHEN_CAUGHT_UP + 2 });
    expect(nextDelay(idle, pace, () => 0)).toBeLessThan(nextDelay(idle, pace, () => 0.99));
  });

  it('never exceeds maxPollInterval, even when that is shorter than pollInterval', () => {
    expect(nextDelay(page({ emptyPages: 5 }), { pollInterval: 250, maxPollInterval: 100 }, middle)).toBe(100);
  });
});
