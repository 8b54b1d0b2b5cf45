import type { ShardState } from '../shards/shard-state.js';
import type { PageWrite } from './reader-context.js';

/** Most pages of one shard that are written at a time. */
const MAX_PAGES = 2;

/** The pages that are being written, by shard, in the order of their records. */
export class ShardWrites {
  readonly #pending = new Map<ShardState, PageWrite[]>();

  isFull(shard: ShardState): boolean {
    return (this.#pending.get(shard)?.length ?? 0) >= MAX_PAGES;
  }

  /** Resolves when the oldest of the shard's pages is written; undefined when there is none. */
  oldest(shard: ShardState): Promise<void> | undefined {
    return this.#pending.get(shard)?.[0]?.done;
  }

  /** Resolves when the newest of the shard's pages is written; undefined when there is none. */
  newest(shard: ShardState): Promise<void> | undefined {
    return this.#pending.get(shard)?.at(-1)?.done;
  }

  /** The turn of a page that comes after the newest; undefined when there is none. */
  turn(shard: ShardState): Promise<void> | undefined {
    return this.#pending.get(shard)?.at(-1)?.next;
  }

  /** @param write Its `done` never rejects. */
  async add(shard: ShardState, write: PageWrite): Promise<void> {
    const pending = this.#pending.get(shard) ?? [];
    this.#pending.set(shard, pending);
    pending.push(write);
    await write.done;
    // Not always the first: when the disk fails, a page may be abandoned before the previous one.
    void pending.splice(pending.indexOf(write), 1);
    if (pending.length === 0) this.#pending.delete(shard);
  }
}
