import { describe, expect, it } from 'vitest';
import { addGap, type GapList, MAX_GAPS } from '../../../src/journal/gap-list.js';
import type { Gap } from '../../../src/ports/index.js';

const gap = (more: Partial<Gap> = {}): Gap => ({
  stream: 'arn',
  ShardId: 's',
  to: '2026',
  reason: 'why',
  at: '2026',
  ...more,
});
const withoutImage = (more: Partial<Gap> = {}) => gap({ cause: 'no-old-image', records: 2, ...more });

function listOf(...gaps: readonly Gap[]): GapList {
  const list = { gaps: [], gapCount: 0 };
  for (const one of gaps) addGap(list, one);
  return list;
}

describe('addGap', () => {
  it('keeps gaps that differ', () => {
    const gaps = [gap(), gap(), withoutImage(), withoutImage({ ShardId: 't' }), withoutImage({ stream: 'other' })];
    expect(listOf(...gaps)).toEqual({ gaps, gapCount: 5 });
  });

  it('merges the gaps of a shard for deletions without OldImage', () => {
    const list = listOf(
      withoutImage({ from: '2026-02', to: '2026-03', at: '2026-03' }),
      gap(),
      withoutImage({ from: '2026-01', to: '2026-04', at: '2026-04', records: 3 }),
    );
    expect(list.gaps).toEqual([gap(), withoutImage({ from: '2026-01', to: '2026-04', at: '2026-04', records: 5 })]);
    expect(list.gapCount).toBe(3);
  });

  it('reaches back to the beginning when one of the merged gaps does', () => {
    expect(listOf(withoutImage({ from: '2026-01' }), withoutImage()).gaps[0]).not.toHaveProperty('from');
  });

  it('keeps the latest gaps, and counts all of them', () => {
    const list = listOf(...Array.from({ length: MAX_GAPS + 5 }, (_, index) => gap({ ShardId: `${index}` })));
    expect(list.gaps.map(({ ShardId }) => ShardId)).toEqual(
      Array.from({ length: MAX_GAPS }, (_, index) => `${index + 5}`),
    );
    expect(list.gapCount).toBe(MAX_GAPS + 5);
  });
});
