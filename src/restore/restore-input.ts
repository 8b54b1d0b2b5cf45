import type { Clock, Random, TableDescription, TablesClient, WireItem } from '../ports/index.js';
import type { Source, Versions } from './candidates.js';
import type { TtlRule } from './restore-ttl.js';

export interface RestoreInput {
  readonly client: Pick<TablesClient, 'putItem' | 'getItem'>;
  readonly table: Pick<TableDescription, 'TableName' | 'keySchema'>;
  readonly sources: readonly RestoreSource[];
  readonly ttl: { readonly rule: TtlRule; readonly attribute: string | undefined };
  /** Replace items in the table. */
  readonly overwrite: boolean;
  /** Read and check everything, but put nothing. */
  readonly dryRun: boolean;
  /** Maximum puts per second; undefined: no limit. */
  readonly rate?: number | undefined;
  /** Items put concurrently. */
  readonly concurrency?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  /** Called for each item that could not be restored, before the next onProgress. */
  readonly onFailed: (failed: FailedItem) => Promise<void>;
  readonly onProgress?: (counts: RestoreCounts) => void;
  /** Called when the next source begins. */
  readonly onSource?: (source: Source) => void;
}

export interface RestoreSource {
  readonly source: Source;
  /** With `all` the versions of a key are put one after the other. */
  readonly versions: Versions;
}

export interface FailedItem {
  /** The item as it was archived; absent when it could not be read. */
  readonly item?: WireItem;
  /** Its place in the archive. Untrusted. */
  readonly where: string;
  readonly reason: string;
}

export interface RestoreCounts {
  /** Put into the table; with `dryRun`: to be put. */
  readonly restored: number;
  /** An item with this key is in the table. */
  readonly skipped: number;
  readonly failed: number;
  /** Restored, but TTL will delete them again, because their TTL attribute is in the past. */
  readonly expired: number;
}
