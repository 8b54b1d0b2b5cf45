import type { ShardState } from '../shards/shard-state.js';

/** Most pages of one shard that are written at a time. */
const MAX_PAGES = 2;

/** The pages that are being written, by shard, in the order of their records. */
export class ShardWrites {
  readonly #pending = new Map<ShardState, Promise<void>[]>();

  isFull(shard: ShardState): boolean {
    return (this.#pending.get(shard)?.length ?? 0) >= MAX_PAGES;
  }

  /** Resolves when the oldest of the shard's pages is written; undefined when there is none. */
  oldest(shard: ShardState): Promise<void> | undefined {
    return this.#pending.get(shard)?.[0];
  }

  /** Resolves when the newest of the shard's pages is written; undefined when there is none. */
  newest(shard: ShardState): Promise<void> | undefined {
    return this.#pending.get(shard)?.at(-1);
  }

  /** @param write Never rejects. */
  async add(shard: ShardState, write: Promise<void>): Promise<void> {
    const pending = this.#pending.get(shard) ?? [];
    this.#pending.set(shard, pending);
    pending.push(write);
    await write;
    // Not always the first: when the disk fails, a page may be abandoned before the previous one.
    void pending.splice(pending.indexOf(write), 1);
    if (pending.length === 0) this.#pending.delete(shard);
  }
}
