import type { Checkpoint, IteratorStart, RecordsPage } from '../ports/index.js';
import { droppableShards } from './droppable-shards.js';
import { type DeliveredPage, type Effect, poll } from './effects.js';
import { KnownShards, type ShardGraphOptions } from './known-shards.js';
import { Lineage } from './lineage.js';
import { EMPTY_PAGES_BEFORE_AN_END } from './pacing.js';
import {
  checkpointOf,
  isCaughtUp,
  iteratorStart,
  type ShardState,
  shownAsReadUpTo,
  withoutIterator,
} from './shard-state.js';
import { takePage } from './take-page.js';

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/**
 * The shards of one stream, and how far each has been read. Only the graph changes a ShardState. It makes no call and
 * reads no clock: it is given what happened and when, by AWS's clock, and returns what has to be done as effects.
 */
export class ShardGraph {
  readonly options: ShardGraphOptions;
  readonly lineage = new Lineage();
  readonly known: KnownShards;
  /** Shards that have not ended; with `once`, not been read up to the start either. */
  readonly unfinished = new Set<ShardState>();
  /** Ended shards whose children no listing has shown yet. */
  readonly expectingChildren = new Set<string>();
  readonly #startedAt: number;
  /** The stream is switched off: its shards close and get no children. */
  isDisabled = false;
  /** It was switched off when it was first listed: its last shards are too old for children that are listed late. */
  #disabledAtFirst: boolean | undefined;

  /** @param startedAt Epoch milliseconds by AWS's clock: with `once`, what comes later is left to the next run. */
  constructor(options: ShardGraphOptions, startedAt: number) {
    this.options = options;
    this.#startedAt = startedAt;
    this.known = new KnownShards(options);
  }

  /** A listing has shown a shard that was known by name alone: this state of it is no longer used. */
  isReplaced(shard: ShardState): boolean {
    return this.lineage.shards.get(shard.ShardId) !== shard;
  }

  change(shard: ShardState, changes: Partial<ShardState>): void {
    const closes = changes.closed === true && !shard.closed;
    Object.assign(shard as Writable<ShardState>, closes && { readUpToWhenClosed: shownAsReadUpTo(shard) }, changes);
  }

  listed(StreamStatus: string): void {
    this.isDisabled = StreamStatus === 'DISABLED';
    this.#disabledAtFirst ??= this.isDisabled;
  }

  /** Adds shards, and the unlisted parents that they wait for. Polls those that may be read. */
  add(added: readonly ShardState[], now: number): Effect[] {
    this.#insert(added);
    const unlisted = this.known.unlistedShards(this.lineage.unlistedParents(added), this.lineage, now);
    this.#insert(unlisted);
    const open = [...added, ...unlisted].filter(({ status }) => status !== 'ended');
    for (const shard of open) this.unfinished.add(shard);
    return open.filter(({ status }) => status === 'reading').map(poll);
  }

  /** Where the iterator that is requested next has to start. If the call fails, the next one is too late for LATEST. */
  opening(shard: ShardState): IteratorStart {
    const start = iteratorStart(shard);
    this.change(shard, withoutIterator(shard));
    return start;
  }

  opened(shard: ShardState, start: IteratorStart, iterator: string): void {
    this.change(shard, { iterator, ...(start === 'LATEST' && { fromHorizon: false }) });
  }

  /** A page has come. Returns what has to be archived of it: records, or the shard's end. */
  take(shard: ShardState, page: RecordsPage, askedAt: number, now: number): DeliveredPage | undefined {
    const { ShardId } = shard;
    const { records, changes } = takePage(shard, page, askedAt);
    this.change(shard, changes);
    const ended = page.NextShardIterator === undefined;
    if (records.length === 0 && !ended) return undefined;
    this.change(shard, { uncommitted: shard.uncommitted + 1 });
    const checkpoint = this.checkpointOf(shard, now, ended);
    if (!ended || this.lineage.hasChildren(ShardId)) return { ShardId, records, checkpoint };
    this.known.childless.add(ShardId);
    return { ShardId, records, checkpoint: { ...checkpoint, childless: true } };
  }

  /**
   * A page that was taken is durable.
   *
   * @param at Epoch milliseconds by AWS's clock; undefined when the time is in doubt.
   */
  committed(shard: ShardState, ended: boolean, at: number | undefined): Effect[] {
    this.change(shard, { uncommitted: shard.uncommitted - 1, ...(ended && { endedAt: at }) });
    return ended ? this.end(shard) : [];
  }

  /** With `once`: only empty pages. True, once, when a listing has to show that the shard is really closed. */
  doubtEnd(shard: ShardState): boolean {
    const isDoubtful = this.options.once && shard.closed && shard.emptyPages === EMPTY_PAGES_BEFORE_AN_END;
    if (isDoubtful) this.change(shard, { closed: false });
    return isDoubtful;
  }

  /** With `once`: an open shard has been read up to the start of the run. */
  isReadUpToStart(shard: ShardState): boolean {
    if (shard.closed) return false;
    return isCaughtUp(shard) || (shard.lastRecordAt ?? 0) > this.#startedAt;
  }

  /** A call has failed. */
  failed(shard: ShardState, isIteratorLost: boolean): void {
    this.change(shard, { failures: shard.failures + 1, ...(isIteratorLost && withoutIterator(shard)) });
  }

  /** The shard has been read as far as this run has to. */
  finish(shard: ShardState): void {
    this.unfinished.delete(shard);
  }

  /** The shard's end is checkpointed: its children may be read. */
  end(shard: ShardState): Effect[] {
    this.change(shard, { status: 'ended', iterator: undefined });
    this.unfinished.delete(shard);
    return [...this.#release(shard), ...this.expectChildren(shard.ShardId)];
  }

  /** Lists the stream until a listing shows children of an ended shard. */
  expectChildren(ShardId: string): Effect[] {
    if (this.#disabledAtFirst === true || this.lineage.hasChildren(ShardId)) return [];
    this.expectingChildren.add(ShardId);
    return [{ type: 'list' }];
  }

  /** A shard that was known by name alone does not exist. */
  forget(shard: ShardState): Effect[] {
    this.lineage.forget(shard.ShardId);
    this.unfinished.delete(shard);
    return this.#release(shard);
  }

  /** Drops old ended shards. Returns their ShardIds. */
  drop(now: number): string[] {
    const listed = this.known.listedShards;
    if (listed === undefined) return [];
    const isNeeded = (ShardId: string): boolean =>
      listed.has(ShardId) || this.known.childless.has(ShardId) || this.expectingChildren.has(ShardId);
    const dropped = droppableShards(this.lineage.shards.values(), { now, isNeeded });
    this.lineage.drop(dropped);
    this.known.drop(dropped);
    return dropped;
  }

  /** The checkpoint of what has been read so far. */
  checkpointOf(shard: ShardState, now: number, ended = false): Checkpoint {
    return checkpointOf(shard, this.options.StreamArn, now, ended);
  }

  #insert(added: readonly ShardState[]): void {
    for (const { ShardId } of added) {
      const guess = this.lineage.shards.get(ShardId);
      if (guess !== undefined) this.unfinished.delete(guess);
    }
    this.lineage.add(added);
    for (const shard of added) {
      if (this.lineage.hasChildren(shard.ShardId)) this.change(shard, { closed: true });
      const parent = this.lineage.parentOf(shard);
      if (parent !== undefined) this.change(parent, { closed: true });
      this.#inherit(shard);
      if (shard.status === 'waiting' && this.lineage.mayBeRead(shard)) this.change(shard, { status: 'reading' });
    }
  }

  #release(parent: ShardState): Effect[] {
    const released = this.lineage.childrenOf(parent.ShardId).filter(({ status }) => status === 'waiting');
    for (const child of released) {
      this.change(child, { status: 'reading' });
      this.#inherit(child);
    }
    return released.map(poll);
  }

  /** A child received all its records after those of its parent. */
  #inherit(child: ShardState): void {
    const since = this.lineage.parentReadUpTo(child);
    if (since === undefined || child.caughtUpAt !== undefined) return;
    this.change(child, { knownSince: Math.min(child.knownSince, since) });
  }
}
