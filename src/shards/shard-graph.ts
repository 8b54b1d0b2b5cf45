import type { Checkpoint, IteratorStart, RecordsPage } from '../ports/index.js';
import { droppableShards } from './droppable-shards.js';
import { type DeliveredPage, type Effect, poll } from './effects.js';
import { KnownShards, type ShardGraphOptions } from './known-shards.js';
import { Lineage } from './lineage.js';
import { EMPTY_PAGES_BEFORE_AN_END } from './pacing.js';
import { checkpointOf, isCaughtUp, iteratorStart, type ShardState, withoutIterator } from './shard-state.js';
import { takePage } from './take-page.js';

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/**
 * The shards of one stream, and how far each has been read. Alone changes a ShardState. Makes no call and reads no clock:
 * it is told what happened and when, by AWS's clock, and gives what has to be done as effects.
 */
export class ShardGraph {
  readonly options: ShardGraphOptions;
  readonly lineage = new Lineage();
  readonly known: KnownShards;
  /** Shards that have not ended; with `once`, not been read up to the start either. */
  readonly unfinished = new Set<ShardState>();
  /** Ended shards whose children a listing is still to show. */
  readonly expectingChildren = new Set<string>();
  readonly #startedAt: number;
  /** The stream is switched off: its shards close and get no children. */
  isDisabled = false;
  /** It was switched off when it was first listed: its last shards are too old for children that are listed late. */
  #disabledAtFirst: boolean | undefined;

  /** @param startedAt Epoch milliseconds by AWS's clock: with `once`, what came later is not the run's concern. */
  constructor(options: ShardGraphOptions, startedAt: number) {
    this.options = options;
    this.#startedAt = startedAt;
    this.known = new KnownShards(options);
  }

  /** A listing has shown a shard that was known by name alone: what was going on with the guess is of no use. */
  isReplaced(shard: ShardState): boolean {
    return this.lineage.shards.get(shard.ShardId) !== shard;
  }

  change(shard: ShardState, changes: Partial<ShardState>): void {
    Object.assign(shard as Writable<ShardState>, changes);
  }

  /** A listing has come: says whether the stream gives no more children. */
  listed(StreamStatus: string): void {
    this.isDisabled = StreamStatus === 'DISABLED';
    this.#disabledAtFirst ??= this.isDisabled;
  }

  /** Adds shards, and the parents that they wait for and that no listing has shown. Gives those that may be read. */
  add(added: readonly ShardState[], now: number): Effect[] {
    this.#insert(added);
    const asked = this.known.unlistedShards(this.lineage.unlistedParents(added), this.lineage, now);
    this.#insert(asked);
    const open = [...added, ...asked].filter(({ status }) => status !== 'ended');
    for (const shard of open) this.unfinished.add(shard);
    return open.filter(({ status }) => status === 'reading').map((shard) => poll(shard));
  }

  /** An iterator is about to be asked for: gives where it starts. Should the call fail, the next one comes too late for LATEST. */
  opening(shard: ShardState): IteratorStart {
    const start = iteratorStart(shard);
    this.change(shard, withoutIterator(shard));
    return start;
  }

  opened(shard: ShardState, start: IteratorStart, iterator: string): void {
    this.change(shard, { iterator, ...(start === 'LATEST' && { fromHorizon: false }) });
  }

  /** A page has come. Gives what is to be archived of it: records, or the shard's end. */
  take(shard: ShardState, page: RecordsPage, askedAt: number, now: number): DeliveredPage | undefined {
    const { records, changes } = takePage(shard, page, askedAt);
    this.change(shard, changes);
    const ended = page.NextShardIterator === undefined;
    if (records.length === 0 && !ended) return undefined;
    this.change(shard, { uncommitted: shard.uncommitted + 1 });
    return { ShardId: shard.ShardId, records, checkpoint: this.#checkpoint(shard, now, ended) };
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

  /** With `once`: nothing but empty pages. The end is late, or a listing called a shard closed that is not. Asked once. */
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

  /** The next page is to follow at once, because there is more. */
  setBacklog(shard: ShardState, backlog: boolean): void {
    this.change(shard, { backlog });
  }

  /** A call has failed. */
  failed(shard: ShardState, isIteratorLost: boolean): void {
    this.change(shard, { failures: shard.failures + 1, ...(isIteratorLost && withoutIterator(shard)) });
  }

  /** The stream was listed to find the shard. */
  relisted(shard: ShardState): void {
    this.change(shard, { relistAttempts: shard.relistAttempts + 1 });
  }

  /** The shard has been read as far as this run wants it. */
  finish(shard: ShardState): void {
    this.unfinished.delete(shard);
  }

  /** The shard's end is checkpointed: its children may be read. */
  end(shard: ShardState): Effect[] {
    this.change(shard, { status: 'ended', iterator: undefined });
    this.unfinished.delete(shard);
    return [...this.#release(shard), ...this.expectChildren(shard.ShardId)];
  }

  /** An ended shard has children, or a listing is still to show them. */
  expectChildren(ShardId: string): Effect[] {
    if (this.#disabledAtFirst === true || this.lineage.hasChildren(ShardId)) return [];
    this.expectingChildren.add(ShardId);
    return [{ type: 'list' }];
  }

  /** The stream answers that a shard does not exist which was known by name alone. */
  forget(shard: ShardState): Effect[] {
    this.lineage.forget(shard.ShardId);
    this.unfinished.delete(shard);
    return this.#release(shard);
  }

  /** Drops the ended shards that are of no use any more. Gives their ShardIds. */
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

  /** The checkpoint of what has been read; at its end, with what is known of its children. */
  #checkpoint(shard: ShardState, now: number, ended: boolean): Checkpoint {
    const checkpoint = checkpointOf(shard, this.options.StreamArn, now, ended);
    if (!ended || this.lineage.hasChildren(shard.ShardId)) return checkpoint;
    this.known.childless.add(shard.ShardId);
    return { ...checkpoint, childless: true };
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
    return released.map((child) => poll(child));
  }

  /** What a child received came after all that its parent received. */
  #inherit(child: ShardState): void {
    const since = this.lineage.parentReadUpTo(child);
    if (since === undefined || child.caughtUpAt !== undefined) return;
    this.change(child, { knownSince: Math.min(child.knownSince, since) });
  }
}
