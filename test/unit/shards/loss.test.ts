import { describe, expect, it } from 'vitest';
import { lossSince, RETENTION } from '../../../src/shards/loss.js';

const now = Date.UTC(2026, 10, 23);

describe('lossSince', () => {
  it('finds no loss when the shard was caught up no more than 24 hours ago', () => {
    expect(lossSince(now, now)).toBeUndefined();
    expect(lossSince(now - RETENTION, now)).toBeUndefined();
  });

  it('returns the time from then to 24 hours ago when that is longer ago', () => {
    const from = now - RETENTION - 1;
    expect(lossSince(from, now)).toEqual({ from, to: now - RETENTION + 60_000 });
  });

  it('does not find the same loss again while the reading restarts', () => {
    const loss = lossSince(now - 2 * RETENTION, now);
    expect(lossSince(loss?.to ?? 0, now + 30_000)).toBeUndefined();
    expect(lossSince(loss?.to ?? 0, now + 90_000)).toBeDefined();
  });
});
