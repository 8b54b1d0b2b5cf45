import type { Shard } from '../ports/index.js';
import { readUpTo, type ShardProgress } from './shard-progress.js';

/**
 * Who descends from whom, and therefore which shard may be read. Pure: no calls, no clock.
 *
 * DescribeStream's answers may be inconsistent, so nothing is concluded from a shard that is missing in a listing: its
 * children wait until it is asked for directly and the stream says that it does not exist.
 */
export class Lineage {
  readonly shards = new Map<string, ShardProgress>();
  readonly #children = new Map<string, ShardProgress[]>();
  readonly #gone = new Set<string>();

  /** Adds shards that are not known yet, or only by name. Those with nothing to be read before them become readable at once. */
  add(added: readonly ShardProgress[]): void {
    for (const progress of added) {
      this.shards.set(progress.ShardId, progress);
      const parent = progress.ParentShardId;
      if (parent === undefined) continue;
      const siblings = this.#children.get(parent);
      if (siblings === undefined) this.#children.set(parent, [progress]);
      else siblings.push(progress);
    }
    for (const progress of added) {
      if (this.#children.has(progress.ShardId)) progress.closed = true;
      const parent = progress.ParentShardId === undefined ? undefined : this.shards.get(progress.ParentShardId);
      if (parent !== undefined) parent.closed = true;
      if (parent?.state === 'ended') inherit(progress, parent);
      if (progress.state === 'waiting' && this.#mayBeRead(progress)) progress.state = 'reading';
    }
  }

  /** Parents that shards wait for and that no listing has shown. */
  unlistedParents(): Shard[] {
    const parents = new Set<string>();
    for (const { state, ParentShardId } of this.shards.values()) {
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
    const released = (this.#children.get(parent.ShardId) ?? []).filter(({ state }) => state === 'waiting');
    for (const child of released) {
      child.state = 'reading';
      inherit(child, parent);
    }
    return released;
  }

  #mayBeRead({ ParentShardId, position, caughtUpAt }: ShardProgress): boolean {
    if (ParentShardId === undefined || this.#gone.has(ParentShardId)) return true;
    // A shard that was begun once has been waited for already.
    if (position !== 'TRIM_HORIZON' || caughtUpAt !== undefined) return true;
    return this.shards.get(ParentShardId)?.state === 'ended';
  }
}

/** What a child received came after all that its parent received. */
function inherit(child: ShardProgress, parent: ShardProgress): void {
  if (child.caughtUpAt === undefined) child.knownSince = Math.min(child.knownSince, readUpTo(parent));
}
