import type { Connection, DeletionSink, Deletions, Gap, Log, PositionStore } from '../ports/index.js';

/** Which deletions to read, and where to keep how far they were read. */
export interface DeliveryOptions {
  /** Name or ARN of the table. */
  readonly table: string;
  /** Keeps how far each shard was read: a folder of its own (created when missing, locked while in use), or your store. */
  readonly positions: string | PositionStore;
  /** End once everything that the stream held at the start was taken. Default: until the signal aborts. */
  readonly once?: boolean | undefined;
  /** Where the shards that exist at the very first start are read from (`trim-horizon`). */
  readonly from?: 'trim-horizon' | 'latest' | undefined;
  /** Which deletions count (`ttl`): see `--deletions` in docs/cli.md. */
  readonly deletions?: Deletions | undefined;
  /** Shortest interval between polls of an idle shard, in milliseconds (250). */
  readonly pollInterval?: number | undefined;
  /** Longest interval between polls of an idle shard, in milliseconds (5,000). */
  readonly maxPollInterval?: number | undefined;
  /** Pages that are fetched or not taken yet, over all shards (32). */
  readonly concurrency?: number | undefined;
  /** Log `health.lost` when reading is further behind than this, in milliseconds (12 hours, half the life of a record). */
  readonly maxLag?: number | undefined;
  readonly connection?: Connection | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Default: nothing is logged. A pino logger is one. */
  readonly log?: Log | undefined;
  /** Called when records may have been lost before they were read; the gap is recorded with the positions. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
}

export interface DeliverOptions extends DeliveryOptions {
  readonly sink: DeletionSink;
}
