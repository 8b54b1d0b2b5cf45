import { describe, expect, it } from 'vitest';
import { createRate } from '../../../src/cli/rate.js';

describe('createRate', () => {
  it('counts over the last five seconds', () => {
    let now = 0;
    const rate = createRate(() => now);
    expect(rate(0)).toBe(0);
    now = 1000;
    expect(rate(100)).toBe(100);
    now = 10_000;
    expect(rate(100)).toBe(0);
  });
});
