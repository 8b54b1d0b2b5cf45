import type { Shard } from '../ports/index.js';
import { readUpTo, type ShardProgress } from './shard-progress.js';

/** Names of dropped shards that are kept for a listing that shows them once more: of the latest, about a megabyte. */
const MAX_REMEMBERED = 10_000;

/**
 * Who descends from whom, and therefore which shard may be read. Pure: no calls, no clock.
 *
 * DescribeStream's answers may be inconsistent, so nothing is concluded from a shard that is missing in a listing: its
 * children wait until it is asked for directly and the stream says that it does not exist.
 */
export class Lineage {
  readonly shards = new Map<string, ShardProgress>();
  readonly #children = new Map<string, Set<ShardProgress>>();
  readonly #gone = new Set<string>();
  /** Shards that were dropped last, and up to when each was read: should a listing show one again, it is over. */
  readonly #dropped = new Map<string, number>();
  #droppedCount = 0;

  /** Adds shards that are not known yet, or only by name. Those with nothing to be read before them become readable at once. */
  add(added: readonly ShardProgress[]): void {
    for (const progress of added) {
      this.shards.set(progress.ShardId, progress);
      const parent = progress.ParentShardId;
      if (parent === undefined) continue;
      const siblings = this.#children.get(parent);
      if (siblings === undefined) this.#children.set(parent, new Set([progress]));
      else siblings.add(progress);
    }
    for (const progress of added) {
      if (this.#children.has(progress.ShardId)) progress.closed = true;
      const parent = progress.ParentShardId === undefined ? undefined : this.shards.get(progress.ParentShardId);
      if (parent !== undefined) parent.closed = true;
      const parentReadUpTo =
        parent?.state === 'ended' ? readUpTo(parent) : this.#dropped.get(progress.ParentShardId ?? '');
      if (parentReadUpTo !== undefined) inherit(progress, parentReadUpTo);
      if (progress.state === 'waiting' && this.#mayBeRead(progress)) progress.state = 'reading';
    }
  }

  /** Parents that some of these shards wait for and that no listing has shown. */
  unlistedParents(added: Iterable<ShardProgress>): Shard[] {
    const parents = new Set<string>();
    for (const { state, ParentShardId } of added) {
      if (state === 'waiting' && ParentShardId !== undefined && !this.shards.has(ParentShardId)) {
        parents.add(ParentShardId);
      }
    }
    return [...parents].map((ShardId) => ({ ShardId }));
  }

  /** The shard's end is checkpointed: gives the children that may be read from now on. */
  end(progress: ShardProgress): ShardProgress[] {
    progress.state = 'ended';
    progress.iterator = undefined;
    return this.#release(progress);
  }

  /** The stream says that an unlisted shard does not exist: nobody has to wait for it. */
  forget(progress: ShardProgress): ShardProgress[] {
    this.shards.delete(progress.ShardId);
    this.#gone.add(progress.ShardId);
    return this.#release(progress);
  }

  /** Forgets ended shards that nothing depends on any more, all but the names of the latest. */
  drop(ShardIds: readonly string[]): void {
    for (const ShardId of ShardIds) {
      const progress = this.shards.get(ShardId);
      if (progress === undefined) continue;
      this.shards.delete(ShardId);
      this.#children.delete(ShardId);
      const siblings = this.#children.get(progress.ParentShardId ?? '');
      siblings?.delete(progress);
      if (siblings?.size === 0) this.#children.delete(progress.ParentShardId ?? '');
      this.#dropped.set(ShardId, readUpTo(progress));
      this.#droppedCount++;
    }
    for (const ShardId of this.#dropped.keys()) {
      if (this.#dropped.size <= MAX_REMEMBERED) break;
      this.#dropped.delete(ShardId);
    }
  }

  /** Shards that were dropped in all. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  wasDropped(ShardId: string): boolean {
    return this.#dropped.has(ShardId);
  }

  hasChildren(ShardId: string): boolean {
    return this.#children.has(ShardId);
  }

  /** Shards that wait for each other in a circle (only a wrong listing can show that) are all made readable. */
  breakCircle(): ShardProgress[] {
    const waiting = [...this.shards.values()].filter(({ state }) => state === 'waiting');
    for (const progress of waiting) {
      progress.state = 'reading';
      // That they have children was part of the lie.
      progress.closed = false;
    }
    return waiting;
  }

  #release(parent: ShardProgress): ShardProgress[] {
    const released = [...(this.#children.get(parent.ShardId) ?? [])].filter(({ state }) => state === 'waiting');
    for (const child of released) {
      child.state = 'reading';
      inherit(child, readUpTo(parent));
    }
    return released;
  }

  #mayBeRead({ ParentShardId, position, caughtUpAt }: ShardProgress): boolean {
    if (ParentShardId === undefined || this.#gone.has(ParentShardId) || this.#dropped.has(ParentShardId)) return true;
    // A shard that was begun once has been waited for already.
    if (position !== 'TRIM_HORIZON' || caughtUpAt !== undefined) return true;
    return this.shards.get(ParentShardId)?.state === 'ended';
  }
}

/** What a child received came after all that its parent received. */
function inherit(child: ShardProgress, parentReadUpTo: number): void {
  if (child.caughtUpAt === undefined) child.knownSince = Math.min(child.knownSince, parentReadUpTo);
}
