import type { Shard } from '../ports/index.js';
import { readUpTo, type ShardState } from './shard-state.js';

/** Dropped shards that are remembered in case a listing shows them once more; their names take about a megabyte. */
const MAX_REMEMBERED = 10_000;

/**
 * Which shard descends from which.
 *
 * DescribeStream's answers may be inconsistent, so nothing follows from a shard that a listing lacks: its children wait
 * until the stream has answered a call for the shard itself that it does not exist.
 */
export class Lineage {
  readonly shards = new Map<string, ShardState>();
  /** Shards that were dropped in all. */
  droppedCount = 0;
  readonly #children = new Map<string, Set<ShardState>>();
  readonly #gone = new Set<string>();
  /** Shards that were dropped last, and up to when each was read. */
  readonly #dropped = new Map<string, number>();

  add(added: readonly ShardState[]): void {
    for (const shard of added) {
      const { ShardId, ParentShardId } = shard;
      this.shards.set(ShardId, shard);
      if (ParentShardId === undefined) continue;
      const siblings = this.#children.get(ParentShardId) ?? new Set();
      this.#children.set(ParentShardId, siblings.add(shard));
    }
  }

  /** An unlisted shard does not exist: no child has to wait for it. */
  forget(ShardId: string): void {
    this.shards.delete(ShardId);
    this.#gone.add(ShardId);
  }

  /** Forgets ended shards that nothing depends on any more, except for the names of the last ones. */
  drop(ShardIds: readonly string[]): void {
    for (const ShardId of ShardIds) {
      const shard = this.shards.get(ShardId);
      if (shard === undefined) continue;
      this.shards.delete(ShardId);
      this.#children.delete(ShardId);
      const siblings = this.#children.get(shard.ParentShardId ?? '');
      siblings?.delete(shard);
      if (siblings?.size === 0) this.#children.delete(shard.ParentShardId ?? '');
      this.#dropped.set(ShardId, readUpTo(shard));
      this.droppedCount++;
    }
    for (const ShardId of this.#dropped.keys()) {
      if (this.#dropped.size <= MAX_REMEMBERED) break;
      this.#dropped.delete(ShardId);
    }
  }

  wasDropped(ShardId: string): boolean {
    return this.#dropped.has(ShardId);
  }

  /** Up to when the shard's parent was read, once that has ended: the shard received all its records later. */
  parentReadUpTo(shard: ShardState): number | undefined {
    const parent = this.parentOf(shard);
    return parent?.status === 'ended' ? readUpTo(parent) : this.#dropped.get(shard.ParentShardId ?? '');
  }

  parentOf({ ParentShardId = '' }: { readonly ParentShardId?: string | undefined }): ShardState | undefined {
    return this.shards.get(ParentShardId);
  }

  childrenOf(ShardId: string): ShardState[] {
    return [...(this.#children.get(ShardId) ?? [])];
  }

  hasChildren(ShardId: string): boolean {
    return this.#children.has(ShardId);
  }

  /** Nothing has to be read before this shard. */
  mayBeRead(shard: ShardState): boolean {
    const { ParentShardId, position, caughtUpAt } = shard;
    if (ParentShardId === undefined || this.#gone.has(ParentShardId) || this.#dropped.has(ParentShardId)) return true;
    // A shard whose reading has begun has waited already.
    if (position !== 'TRIM_HORIZON' || caughtUpAt !== undefined) return true;
    return this.parentOf(shard)?.status === 'ended';
  }

  /** The unlisted parents that these shards wait for. */
  unlistedParents(waiting: readonly ShardState[]): Shard[] {
    const parents = new Set<string>();
    for (const { status, ParentShardId } of waiting) {
      if (status === 'waiting' && ParentShardId !== undefined && !this.shards.has(ParentShardId)) {
        parents.add(ParentShardId);
      }
    }
    return [...parents].map((ShardId) => ({ ShardId }));
  }
}
