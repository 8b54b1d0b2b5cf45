import type { Clock, Random, TableDescription, TablesClient, WireItem } from '../ports/index.js';
import type { Source, Versions } from './candidates.js';
import type { TtlRule } from './restore-ttl.js';

export interface RestoreInput {
  readonly client: Pick<TablesClient, 'putItem' | 'getItem'>;
  readonly table: Pick<TableDescription, 'TableName' | 'keySchema'>;
  readonly sources: readonly RestoreSource[];
  readonly ttl: { readonly rule: TtlRule; readonly attribute: string | undefined };
  /** Replace items that are in the table. */
  readonly overwrite: boolean;
  /** Read and check everything, put nothing. */
  readonly dryRun: boolean;
  /** Maximum puts per second; undefined: as fast as the table takes them. */
  readonly rate?: number | undefined;
  /** Items put at the same time. */
  readonly concurrency?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  /** Called for each item that could not be restored, before the next counts are told. */
  readonly onFailed: (failed: FailedItem) => Promise<void>;
  readonly onProgress?: (counts: RestoreCounts) => void;
  /** The next source begins. */
  readonly onSource?: (source: Source) => void;
}

export interface RestoreSource {
  readonly source: Source;
  /** How it was made: with `all` the versions of a key are put one after the other. */
  readonly versions: Versions;
}

export interface FailedItem {
  /** The item as it was archived; absent when it could not be read. */
  readonly item?: WireItem;
  /** Where it lies in the archive. Untrusted. */
  readonly where: string;
  readonly reason: string;
}

export interface RestoreCounts {
  /** Put into the table; with `dryRun`: would be put. */
  readonly restored: number;
  /** An item with this key is in the table. */
  readonly skipped: number;
  readonly failed: number;
  /** Of those restored: TTL deletes them again, because their TTL attribute is past. */
  readonly expired: number;
}
