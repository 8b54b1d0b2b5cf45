import type { Gap } from '../ports/index.js';

/** Gaps kept in memory; the journal has all of them. */
export const MAX_GAPS = 1000;

/** The recorded gaps, as far as they are kept in memory. */
export interface GapList {
  /** The latest ones. A shard's gaps for deletions without OldImage are merged into one. */
  readonly gaps: Gap[];
  /** All gap lines. */
  gapCount: number;
}

/**
 * Adds a gap, or the journal's line for one. The list stays short; the same gaps in the same order always give the same
 * list.
 */
export function addGap(list: GapList, line: Gap & { readonly type?: 'gap' }): void {
  const { type: _, ...gap } = line;
  const { gaps } = list;
  list.gapCount += 1;
  const index = gap.cause === 'no-old-image' ? gaps.findLastIndex((other) => isOfSameKind(other, gap)) : -1;
  const [before] = index < 0 ? [] : gaps.splice(index, 1);
  gaps.push(before === undefined ? gap : merged(before, gap));
  if (gaps.length > MAX_GAPS) gaps.shift();
}

function isOfSameKind({ stream, ShardId, cause }: Gap, gap: Gap): boolean {
  return cause === gap.cause && ShardId === gap.ShardId && stream === gap.stream;
}

function merged({ from: first, ...before }: Gap, { from, to, at, records = 1 }: Gap): Gap {
  return {
    ...before,
    ...(first !== undefined && from !== undefined && { from: first < from ? first : from }),
    to: to > before.to ? to : before.to,
    records: (before.records ?? 1) + records,
    at,
  };
}
