import type { Clock, Random, TableDescription, TablesClient } from '../ports/index.js';
import type { Source, Versions } from './candidates.js';
import type { FailedItem, RestoreCounts } from './restore-counts.js';
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
