import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../../src/lib/format-duration.js';

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [850.4, '850ms'],
    [1000, '1s'],
    [59_400, '59s'],
    [60_000, '1m'],
    [200_000, '3m 20s'],
    [7_500_000, '2h 5m'],
    [349_200_000, '4d 1h'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
