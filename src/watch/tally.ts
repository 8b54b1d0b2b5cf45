import type { Gap, ItemEntry, Provenance } from '../ports/index.js';
import { noneIgnored } from './ignored-log.js';

/** Counts of the records so far, and their gaps. */
export class Tally {
  records = 0;
  archived = 0;
  archivedBytes = 0;
  readonly archivedAs: Record<Provenance, number> = { ttl: 0, 'ddb-local': 0, inferred: 0, all: 0 };
  /** Epoch milliseconds by AWS's clock. */
  lastArchivedAt: number | undefined;
  readonly ignored = noneIgnored();
  readonly gaps: Gap[] = [];
  gapCount = 0;

  /** Items were archived at `now`. */
  add(items: readonly Pick<ItemEntry, 'size' | 'provenance'>[], now: number): void {
    this.archived += items.length;
    this.lastArchivedAt = now;
    for (const { size, provenance } of items) {
      this.archivedBytes += size;
      this.archivedAs[provenance]++;
    }
  }
}
