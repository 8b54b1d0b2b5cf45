import type { WireItem } from '../ports/index.js';

/** An item that could not be restored. */
export interface FailedItem {
  /** The item as it was archived; absent when it could not be read. */
  readonly item?: WireItem;
  /** Its place in the archive. Untrusted. */
  readonly where: string;
  readonly reason: string;
}

/** Items, by what became of them. */
export interface RestoreCounts {
  /** Put into the table; with `dryRun`: to be put. */
  readonly restored: number;
  /** An item with this key is in the table. */
  readonly skipped: number;
  readonly failed: number;
  /** Restored, but TTL will delete them again, because their TTL attribute is in the past. */
  readonly expired: number;
}
