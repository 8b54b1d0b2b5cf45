import type { ItemEntry } from '../ports/index.js';

/** What was deleted on one day. */
export interface DayTotals {
  /** `2026-11-24` (UTC); `other`: further days of a forged archive, which must not fill the memory. */
  readonly day: string;
  readonly items: number;
  readonly bytes: number;
}

/** Fifty years. */
const MAX_DAYS = 18_263;

/** Items and bytes by the day of their deletion, in order. */
export async function totalsByDay(items: AsyncIterable<readonly ItemEntry[]>): Promise<DayTotals[]> {
  const days = new Map<string, { items: number; bytes: number }>();
  for await (const entries of items) {
    for (const { deletedAt, size } of entries) {
      const [own = ''] = new Date(deletedAt).toISOString().split('T');
      const day = days.has(own) || days.size < MAX_DAYS ? own : 'other';
      const totals = days.get(day) ?? { items: 0, bytes: 0 };
      days.set(day, totals);
      totals.items++;
      totals.bytes += size;
    }
  }
  return [...days].map(([day, totals]) => ({ day, ...totals })).toSorted((a, b) => (a.day < b.day ? -1 : 1));
}
