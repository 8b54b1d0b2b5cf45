import type { ItemEntry } from '../ports/index.js';
import { Delays } from './delays.js';
import { TimeBuckets } from './time-buckets.js';

/** What a report says about the items. Its size does not depend on their number. */
export interface Totals {
  items: number;
  bytes: number;
  /** Epoch milliseconds. */
  first: number | undefined;
  last: number | undefined;
  /** Items without a known time of deletion. */
  undated: number;
  /** Items without a TTL value that is a number. */
  withoutTtl: number;
  readonly overTime: TimeBuckets;
  readonly delays: Delays;
  /** Why items count as deleted by TTL. Untrusted. */
  readonly provenance: Map<string, number>;
}

/** Newer versions may know more than four; those of a forged archive must not fill the memory. */
const MAX_PROVENANCES = 20;

export function newTotals(): Totals {
  return {
    items: 0,
    bytes: 0,
    first: undefined,
    last: undefined,
    undated: 0,
    withoutTtl: 0,
    overTime: new TimeBuckets(),
    delays: new Delays(),
    provenance: new Map(),
  };
}

export function addItem(totals: Totals, { size, deletedAt, ttl, provenance }: ItemEntry): void {
  totals.items++;
  totals.bytes += size;
  const isKept = totals.provenance.has(provenance) || totals.provenance.size < MAX_PROVENANCES;
  const why = isKept ? provenance : 'other';
  totals.provenance.set(why, (totals.provenance.get(why) ?? 0) + 1);
  if (ttl === undefined) totals.withoutTtl++;
  const time = Date.parse(deletedAt);
  // The record had no time.
  if (time === 0) {
    totals.undated++;
    return;
  }
  totals.first = Math.min(totals.first ?? time, time);
  totals.last = Math.max(totals.last ?? time, time);
  totals.overTime.add(time, 1, size);
  if (ttl !== undefined) totals.delays.add(ttl * 1000, time);
}
