import { describe, expect, it } from 'vitest';
import { childless, denied, skipped, trimmed, vanished } from '../../../src/stream/missing-records.js';
import { startProgress } from '../../../src/stream/shard-progress.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

/** A shard read to position 7, and caught up so many hours ago. */
function progress(hours: number) {
  const caughtUpAt = iso(NOW - hours * HOUR);
  return startProgress(
    { ShardId: 's' },
    { stream: 'arn', ShardId: 's', position: '7', at: caughtUpAt, caughtUpAt },
    NOW,
  );
}
const window = {
  from: iso(NOW - 30 * HOUR),
  to: iso(NOW - 24 * HOUR + 60_000),
  at: iso(NOW),
  ShardId: 's',
  stream: 'arn',
};

describe('trimmed', () => {
  it('finds nothing lost when the shard was caught up within 24 hours, and reads on from the horizon', () => {
    const shard = progress(23);
    const { gap, lines } = trimmed(shard, 'arn', NOW);
    expect(gap).toBeUndefined();
    expect(lines).toEqual([expect.objectContaining({ type: 'checkpoint', position: '7' })]);
    expect(shard).toMatchObject({ fromHorizon: true, iterator: undefined, position: '7' });
  });

  it('writes down from when to when records may be lost, in one commit with the checkpoint, and only once', () => {
    const shard = progress(30);
    const { gap, lines } = trimmed(shard, 'arn', NOW);
    expect(gap).toMatchObject(window);
    expect(lines).toEqual([
      { type: 'gap', ...gap },
      expect.objectContaining({ type: 'checkpoint', position: '7', caughtUpAt: window.to }),
    ]);
    expect(trimmed(shard, 'arn', NOW + 1000).gap).toBeUndefined();
  });
});

describe('skipped', () => {
  it('finds a loss that no exception tells', () => {
    expect(skipped(progress(23), 'arn', NOW)).toBeUndefined();
    const shard = progress(30);
    expect(skipped(shard, 'arn', NOW)?.gap).toMatchObject(window);
    expect(skipped(shard, 'arn', NOW + 1000)).toBeUndefined();
  });
});

describe('childless', () => {
  it('tells of children that may have come and gone, by the same rule, and leaves the shard ended', () => {
    expect(childless(progress(23), 'arn', NOW)).toBeUndefined();
    const found = childless(progress(30), 'arn', NOW);
    expect(found?.gap).toMatchObject(window);
    expect(found?.lines).toMatchObject([{ type: 'gap' }, { type: 'checkpoint', position: 'SHARD_END' }]);
  });
});

describe('vanished', () => {
  it('ends the shard, with a gap by the same rule', () => {
    expect(vanished(progress(23), 'arn', NOW)).toMatchObject({ gap: undefined, lines: [{ position: 'SHARD_END' }] });
    const { gap, lines } = vanished(progress(30), 'arn', NOW);
    expect(gap).toMatchObject(window);
    expect(lines).toMatchObject([{ type: 'gap' }, { type: 'checkpoint', position: 'SHARD_END' }]);
    expect(gap).not.toHaveProperty('scope');
  });

  it('says that others may be lost, too, of a shard that only its children name', () => {
    const shard = startProgress({ ShardId: 's' }, undefined, NOW - 30 * HOUR, true);
    expect(vanished(shard, 'arn', NOW).gap).toMatchObject({ ...window, cause: 'shard-gone', scope: 'ancestors' });
  });
});

describe('denied', () => {
  it('ends the shard with a gap up to now, however lately it was caught up', () => {
    const { gap, lines } = denied(progress(1), 'arn', NOW);
    expect(gap).toMatchObject({ from: iso(NOW - HOUR), to: iso(NOW) });
    expect(lines).toMatchObject([{ type: 'gap' }, { type: 'checkpoint', position: 'SHARD_END' }]);
  });
});
