import { atOnce, eachInSlices, inSlices } from '../lib/in-slices.js';
import type { Checkpoint, Heartbeat, Shard } from '../ports/index.js';
import { Discovery } from './discovery.js';
import { droppableShards } from './droppable-shards.js';
import { DueQueue } from './due-queue.js';
import { Lineage } from './lineage.js';
import { lossSince } from './loss.js';
import type { StreamReaderOptions, StreamReaderTools } from './reading.js';
import { LONGEST_WAIT } from './retry.js';
import { checkpointOf, isCaughtUp, isClosed, readUpTo, type ShardProgress, startProgress } from './shard-progress.js';
import { createdAt, withTrustedTimes } from './trusted-times.js';

/** The shards of one stream: which there are, which may be read, and which is to be asked next. */
export class StreamShards {
  readonly lineage = new Lineage();
  readonly discovery: Discovery;
  readonly due: DueQueue<ShardProgress>;
  /** Shards that have not ended; with `once`, not been read up to the start either. */
  readonly unfinished = new Set<ShardProgress>();
  readonly #tools: StreamReaderTools;
  readonly #options: StreamReaderOptions;
  /** Ended shards none of whose children a listing has shown, as their checkpoints say. */
  readonly #childless = new Set<string>();
  /** The checkpoints of earlier runs, with times that can be trusted. */
  #known = new Map<string, Checkpoint>();
  /** When the stream was last listed whole: of a shard that nobody has seen yet, nothing before this was missed. */
  #watchedAt: number | undefined;
  /** The shards of the last whole listing. */
  #listed: ReadonlySet<string> | undefined;

  constructor(tools: StreamReaderTools, options: StreamReaderOptions, onDue: () => void) {
    this.#tools = tools;
    this.#options = options;
    this.due = new DueQueue(tools.clock, onDue);
    this.discovery = new Discovery(tools, options.StreamArn, (shards, whole) => this.adopt(shards, whole));
  }

  /** Takes in the checkpoints of earlier runs, once AWS has answered and told its time. */
  async recall(): Promise<void> {
    const { log, sink } = this.#tools;
    const { known, promisedSince } = this.#options;
    const trusted = new Map<string, Checkpoint>();
    const changed: Checkpoint[] = [];
    const trust = eachInSlices(known.values(), (checkpoint) => {
      const same = withTrustedTimes(checkpoint, this.#tools);
      trusted.set(checkpoint.ShardId, same);
      if (same !== checkpoint) changed.push(same);
    });
    await inSlices(trust);
    if (changed.length > 0) {
      log.warn(
        { event: 'checkpoint.time-rejected', shards: changed.length },
        'checkpoints were written by a clock that was ahead: their times do not count',
      );
      await sink.record(changed.map((checkpoint) => ({ type: 'checkpoint', ...checkpoint })));
    }
    this.#known = trusted;
    this.#watchedAt = promisedSince;
    for (const { ShardId, childless, caughtUpAt, at } of trusted.values()) {
      if (childless === true) this.#childless.add(ShardId);
      this.#watchedAt = Math.max(this.#watchedAt ?? 0, Date.parse(caughtUpAt ?? at));
    }
  }

  /** Takes in the first listing. */
  async begin(shards: readonly Shard[]): Promise<void> {
    if (this.#options.from === 'latest' && this.#options.known.size === 0) await this.#beginAtLatest(shards);
    else await inSlices(this.#adopting(shards, true));
  }

  /** Takes in a listing: new shards are read, or wait for their parents. Nothing is concluded from what it lacks. */
  adopt(shards: readonly Shard[], whole = true): void {
    atOnce(this.#adopting(shards, whole));
  }

  /** The first listing, of which all is new, is taken in by slices: nothing else changes the shards meanwhile. */
  *#adopting(shards: readonly Shard[], whole: boolean): Generator<void, void> {
    const { once } = this.#options;
    const first = this.lineage.shards.size === 0;
    const added: ShardProgress[] = [];
    yield* eachInSlices(shards, (shard) => {
      if (this.lineage.wasDropped(shard.ShardId)) return;
      const progress = this.lineage.shards.get(shard.ShardId);
      // What is born of an open shard after the start of the run is not the run's concern.
      if (progress === undefined && once && !first && this.#isOpen(shard.ParentShardId)) return;
      if (progress === undefined || this.isGuess(progress))
        added.push(this.#progress(shard, this.#known.get(shard.ShardId)));
      else if (isClosed(shard)) progress.closed = true;
    });
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    if (first) yield* eachInSlices(this.adoptUnlisted(listed), (progress) => void added.push(progress));
    this.#add(added);
    for (const { ParentShardId } of shards) if (ParentShardId !== undefined) this.#foundChild(ParentShardId);
    if (whole) {
      this.#watchedAt = this.#tools.awsTime.now();
      this.#listed = listed;
    }
    yield* eachInSlices(added, (progress) => this.#welcome(progress, listed.has(progress.ShardId)));
  }

  /** Shards of earlier runs that no listing has shown, as their checkpoints left them. */
  *adoptUnlisted(listed: ReadonlySet<string>): Generator<ShardProgress> {
    for (const [ShardId, checkpoint] of this.#known) {
      if (listed.has(ShardId)) continue;
      // Where reading has not begun, it may have to wait for a parent that only a listing tells.
      yield this.#progress({ ShardId }, checkpoint, checkpoint.position === 'TRIM_HORIZON');
    }
  }

  /** Known by name alone, and nothing of it delivered yet: what a listing says of it counts. */
  isGuess(progress: ShardProgress): boolean {
    return progress.unlisted && progress.state !== 'ended' && progress.position === 'TRIM_HORIZON';
  }

  /** A listing has shown what was known by name alone. */
  isReplaced(progress: ShardProgress): boolean {
    return this.lineage.shards.get(progress.ShardId) !== progress;
  }

  schedule(progress: ShardProgress, at: number): void {
    const now = this.#tools.clock.now();
    // A time that was reckoned before the clock was set back lies too far ahead.
    const latest = now + Math.max(LONGEST_WAIT, this.#options.pace.maxPollInterval);
    this.due.add(progress, Math.min(Math.max(at, now), latest));
  }

  /** The checkpoint of a shard's end, with what is known of its children. */
  markChildless(checkpoint: Checkpoint): Checkpoint {
    if (this.lineage.hasChildren(checkpoint.ShardId)) return checkpoint;
    this.#childless.add(checkpoint.ShardId);
    return { ...checkpoint, childless: true };
  }

  /** The shard's end is checkpointed: its children may be read. */
  end(progress: ShardProgress): void {
    const { awsTime } = this.#tools;
    this.unfinished.delete(progress);
    progress.endedAt = awsTime.isKnown && !awsTime.isDoubtful ? awsTime.now() : undefined;
    for (const child of this.lineage.end(progress)) this.schedule(child, 0);
    if (!this.lineage.hasChildren(progress.ShardId)) this.discovery.expectChildren(progress.ShardId);
  }

  /** The stream says that a shard does not exist which was known by name alone. */
  forget(progress: ShardProgress): void {
    this.unfinished.delete(progress);
    for (const child of this.lineage.forget(progress)) this.schedule(child, 0);
  }

  /**
   * With `once`: shards that wait for one that is still open, but has been read up to the start of the run, were born
   * after it and are not the run's concern. Gives whether there were any.
   */
  dropBornLater(): boolean {
    const bornLater = [...this.unfinished].filter((progress) => this.#waitsForOpen(progress));
    for (const progress of bornLater) this.unfinished.delete(progress);
    return bornLater.length > 0;
  }

  /** How the shards stand. */
  counts(): { open: number; behind: number; ended: number; readUpTo: number | undefined } {
    const counts = { open: 0, behind: 0, ended: this.lineage.droppedCount, readUpTo: undefined as number | undefined };
    for (const shard of this.lineage.shards.values()) {
      if (shard.state === 'ended') {
        counts.ended++;
        continue;
      }
      counts.open++;
      if (!isCaughtUp(shard)) counts.behind++;
      const readAt = shownAsReadUpTo(shard);
      if (readAt !== undefined) counts.readUpTo = Math.min(counts.readUpTo ?? readAt, readAt);
    }
    return counts;
  }

  /**
   * What may be said of all shards at once, so that idle shards cost no journal line each. Ended shards that it says to
   * be dropped are dropped here, too.
   */
  heartbeat(): Omit<Heartbeat, 'getRecordsCalls'> {
    const { known, StreamArn: stream } = this.#options;
    const { shards } = this.lineage;
    // Before the first listing nothing may be said of the shards of earlier runs.
    const behind = [...known.values()]
      .filter(({ ShardId, position }) => position !== 'SHARD_END' && !shards.has(ShardId))
      .map(({ ShardId }) => ShardId);
    let at = Infinity;
    for (const shard of shards.values()) {
      if (shard.state === 'ended') continue;
      if (isCaughtUp(shard) && shard.writing.length === 0 && shard.caughtUpAt !== undefined) {
        at = Math.min(at, shard.caughtUpAt);
      } else behind.push(shard.ShardId);
    }
    if (at === Infinity) at = this.#tools.awsTime.now();
    const dropped = this.#drop();
    return { stream, at: new Date(at).toISOString(), behind, ...(dropped.length > 0 && { dropped }) };
  }

  /** Drops the ended shards that are of no use any more. None when it is in doubt what time it is. */
  #drop(): string[] {
    const { awsTime } = this.#tools;
    const listed = this.#listed;
    if (listed === undefined || !awsTime.isKnown || awsTime.isDoubtful) return [];
    const isNeeded = (ShardId: string) =>
      listed.has(ShardId) || this.#childless.has(ShardId) || this.discovery.expectsChildrenOf(ShardId);
    const dropped = droppableShards(this.lineage.shards.values(), { now: awsTime.now(), isNeeded });
    this.lineage.drop(dropped);
    for (const ShardId of dropped) this.#known.delete(ShardId);
    return dropped;
  }

  async #beginAtLatest(shards: readonly Shard[]): Promise<void> {
    const { StreamArn: stream } = this.#options;
    const at = new Date(this.#tools.awsTime.now()).toISOString();
    const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
    const lines = shards.map((shard) => {
      const position = isClosed(shard) || parents.has(shard.ShardId) ? 'SHARD_END' : 'LATEST';
      return { type: 'checkpoint' as const, stream, ShardId: shard.ShardId, position, caughtUpAt: at, at };
    });
    if (lines.length > 0) await this.#tools.sink.record(lines);
    const known = new Map(lines.map((line) => [line.ShardId, line]));
    const added = shards.map((shard) => this.#progress(shard, known.get(shard.ShardId)));
    // The only iterators that may ever start at LATEST.
    for (const progress of added) progress.fromHorizon = false;
    this.#add(added);
  }

  #progress(shard: Shard, known: Checkpoint | undefined, unlisted = false): ShardProgress {
    const now = this.#tools.awsTime.now();
    // What a child is promised follows from its parent.
    const since = shard.ParentShardId === undefined ? (this.#watchedAt ?? now) : now;
    return startProgress(shard, known, since, unlisted);
  }

  /** Shards that are known only because others name them as their parent. */
  #askedFor(parents: readonly Shard[]): ShardProgress[] {
    if (parents.length === 0) return [];
    const now = this.#tools.awsTime.now();
    const since = this.#unseenSince(now, this.#watchedAt ?? now);
    return parents.map((shard) => startProgress(shard, undefined, since, true));
  }

  /** A shard that no listing has shown, but its children name it: nothing that it received since then has been read. */
  #unseenSince(now: number, watchedAt: number): number {
    // It came and went while nobody looked.
    if (lossSince(watchedAt, now) !== undefined) return watchedAt;
    // The listings hid it, who knows for how long: it may descend from any shard, also from one that was dropped.
    const { hasDropped = false, StreamArn } = this.#options;
    if (hasDropped || this.lineage.droppedCount > 0) return Math.min(watchedAt, createdAt(StreamArn) ?? 0);
    let since = watchedAt;
    for (const shard of this.lineage.shards.values()) since = Math.min(since, readUpTo(shard));
    return since;
  }

  #add(added: readonly ShardProgress[]): void {
    for (const { ShardId } of added) {
      const guess = this.lineage.shards.get(ShardId);
      if (guess !== undefined) this.unfinished.delete(guess);
    }
    this.lineage.add(added);
    const asked = this.#askedFor(this.lineage.unlistedParents(added));
    this.lineage.add(asked);
    for (const progress of [...added, ...asked]) {
      if (progress.state === 'ended') continue;
      this.unfinished.add(progress);
      if (progress.state === 'reading') this.schedule(progress, 0);
    }
  }

  #welcome(progress: ShardProgress, listed: boolean): void {
    const { known, StreamArn } = this.#options;
    const { ShardId, state } = progress;
    const { awsTime, sink } = this.#tools;
    if (!known.has(ShardId)) sink.note(checkpointOf(progress, StreamArn, awsTime.now(), false));
    const maybeParent = listed || this.#childless.has(ShardId);
    if (state === 'ended' && maybeParent && !this.lineage.hasChildren(ShardId)) this.discovery.expectChildren(ShardId);
  }

  #foundChild(ShardId: string): void {
    this.discovery.foundChildren(ShardId);
    const parent = this.lineage.shards.get(ShardId);
    // While its end is being committed, it stays in doubt until the next listing.
    if (parent?.state !== 'ended' || !this.#childless.delete(ShardId)) return;
    const { sink, awsTime } = this.#tools;
    sink.note(checkpointOf(parent, this.#options.StreamArn, awsTime.now(), true));
  }

  #waitsForOpen(progress: ShardProgress): boolean {
    const seen = new Set<ShardProgress>();
    let shard: ShardProgress | undefined = progress;
    while (shard?.state === 'waiting' && !seen.has(shard)) {
      seen.add(shard);
      shard = shard.ParentShardId === undefined ? undefined : this.lineage.shards.get(shard.ParentShardId);
    }
    return shard?.state === 'reading' && !this.unfinished.has(shard);
  }

  #isOpen(ShardId: string | undefined): boolean {
    const shard = ShardId === undefined ? undefined : this.lineage.shards.get(ShardId);
    return shard !== undefined && shard.state !== 'ended';
  }
}

/**
 * Up to when a shard is read, for people. Where a loss is decided, the first of several empty pages counts; what people
 * want to know of a shard that is caught up is when the last one was asked for.
 */
function shownAsReadUpTo(shard: ShardProgress): number | undefined {
  const lastEmpty = isCaughtUp(shard) ? shard.emptyAskedAt.at(-1) : undefined;
  return lastEmpty ?? shard.caughtUpAt;
}
