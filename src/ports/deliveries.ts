import type { ItemFacts } from './item-store.js';
import type { WireItem } from './records.js';

/** A deletion by TTL, as a program of your own gets it. */
export interface TtlDeletion extends ItemFacts {
  /** The deleted item (OldImage) in DynamoDB JSON, exactly as sent. */
  readonly item: WireItem;
}

/** A deletion that has to be acknowledged. */
export interface ReceivedDeletion extends TtlDeletion {
  /**
   * Says that it is dealt with for good. The checkpoint of its shard moves past it once all earlier ones of the shard are
   * acknowledged, too: within a second, or at the end of the iteration. After that end it changes nothing.
   */
  readonly ack: () => Promise<void>;
}

/** Where deletions go, other than into an archive. */
export interface DeletionSink {
  /**
   * Resolves when all of them are durable; then the checkpoint moves past them. They are of one shard, in its order. Calls
   * for one shard come one after the other, a parent's before its children's; those for different shards may overlap.
   *
   * A rejection ends the run, and the next one writes them again, as after a kill: so the same deletions may come more than
   * once, with the same eventIDs. `signal` aborts when the run must end; the call then has ten seconds to settle.
   */
  write(deletions: readonly TtlDeletion[], options: { readonly signal: AbortSignal }): Promise<unknown>;
  /** Called once, at the end, also after a failure; no `write` is in flight but one that did not settle in time. */
  close?(): Promise<unknown>;
}

/**
 * Keeps one text: how far the shards of one table have been read. At most one process may use it at a time. Its length
 * grows with the shards, some 250 bytes each.
 */
export interface PositionStore {
  /** What `save` was given last; undefined when there is nothing yet. */
  load(): Promise<string | undefined>;
  /** Replaces the text, whole or not at all. Resolves when it is durable. Called once at a time. */
  save(positions: string): Promise<unknown>;
}
