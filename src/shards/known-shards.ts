import type { Checkpoint, Shard } from '../ports/index.js';
import { type Effect, log } from './effects.js';
import type { Lineage } from './lineage.js';
import { lossSince } from './loss.js';
import { newShardState, readUpTo, type ShardState } from './shard-state.js';
import { createdAt, type Moment, withTrustedTimes } from './trusted-times.js';

export interface ShardGraphOptions {
  readonly StreamArn: string;
  /** The run ends when every shard has been read up to the start of the run. */
  readonly once: boolean;
  /** The stream's checkpoints from earlier runs. */
  readonly known: ReadonlyMap<string, Checkpoint>;
  /** Epoch milliseconds, for a stream that no run has read: whatever it received since then is archived, or a gap. */
  readonly promisedSince?: number | undefined;
  /** Earlier runs have dropped ended shards of the stream: `known` lacks some that were read. */
  readonly hasDropped?: boolean;
}

/** The checkpoints of earlier runs, and what follows from them for new shards. */
export class KnownShards {
  /** Ended shards none of whose children a listing has shown. */
  readonly childless = new Set<string>();
  /** The shards of the last full listing; undefined before the first one. */
  listedShards: ReadonlySet<string> | undefined;
  readonly #options: ShardGraphOptions;
  #checkpoints: Map<string, Checkpoint>;
  /** When the stream was last listed in full: a shard that no listing has shown yet lost nothing before this. */
  #listedAt: number | undefined;

  constructor(options: ShardGraphOptions) {
    this.#options = options;
    this.#checkpoints = new Map(options.known);
    this.#listedAt = options.promisedSince;
  }

  get(ShardId: string): Checkpoint | undefined {
    return this.#checkpoints.get(ShardId);
  }

  drop(ShardIds: readonly string[]): void {
    for (const ShardId of ShardIds) this.#checkpoints.delete(ShardId);
  }

  values(): Iterable<Checkpoint> {
    return this.#checkpoints.values();
  }

  /** Checks the times of the checkpoints, once a response has told AWS's time. */
  checkTimes(moment: Moment): Effect[] {
    const before = this.#checkpoints;
    const trusted = [...before].map(([ShardId, known]) => [ShardId, withTrustedTimes(known, moment)] as const);
    this.#checkpoints = new Map(trusted);
    for (const [ShardId, { childless, caughtUpAt, at }] of trusted) {
      if (childless === true) this.childless.add(ShardId);
      this.#listedAt = Math.max(this.#listedAt ?? 0, Date.parse(caughtUpAt ?? at));
    }
    const changed = trusted.filter(([ShardId, checkpoint]) => before.get(ShardId) !== checkpoint);
    if (changed.length === 0) return [];
    const message = 'checkpoints were written by a clock that was ahead: their times do not count';
    return [
      log.warn({ event: 'checkpoint.time-rejected', shards: changed.length }, message),
      { type: 'commit', lines: changed.map(([, checkpoint]) => ({ type: 'checkpoint', ...checkpoint })) },
    ];
  }

  /** The stream was listed in full. */
  listed(at: number, ShardIds: ReadonlySet<string>): void {
    this.#listedAt = at;
    this.listedShards = ShardIds;
  }

  /** The state of a shard that a listing shows, as its checkpoint left it. */
  listedShard(shard: Shard, now: number, known = this.get(shard.ShardId)): ShardState {
    // A child inherits the promise from its parent.
    const since = shard.ParentShardId === undefined ? (this.#listedAt ?? now) : now;
    return newShardState(shard, known, since);
  }

  /** The states of shards that no listing has shown and that others name as their parents. */
  unlistedShards(shards: readonly Shard[], lineage: Lineage, now: number): ShardState[] {
    if (shards.length === 0) return [];
    const since = this.#unlistedSince(lineage, now);
    return shards.map((shard) => newShardState(shard, undefined, since, true));
  }

  /** Since when what an unlisted shard received may be unread. */
  #unlistedSince(lineage: Lineage, now: number): number {
    const listedAt = this.#listedAt ?? now;
    // It can have been trimmed between two listings.
    if (lossSince(listedAt, now) !== undefined) return listedAt;
    // The listings lacked it, nobody knows for how long: it may descend from any shard, even from one that was dropped.
    const { hasDropped = false, StreamArn } = this.#options;
    if (hasDropped || lineage.droppedCount > 0) return Math.min(listedAt, createdAt(StreamArn) ?? 0);
    let since = listedAt;
    for (const shard of lineage.shards.values()) since = Math.min(since, readUpTo(shard));
    return since;
  }

  /** The shards of earlier runs that a listing lacks, as their checkpoints left them. */
  missingIn(listed: ReadonlySet<string>, now: number): ShardState[] {
    return [...this.values()]
      .filter(({ ShardId }) => !listed.has(ShardId))
      .map((known) => {
        // Where reading has not begun, it may have to wait for a parent that only a listing shows.
        return newShardState({ ShardId: known.ShardId }, known, now, known.position === 'TRIM_HORIZON');
      });
  }
}
