import { errorKindOf, hasCode, TtlArchiveError } from '../errors.js';
import type {
  Checkpoint,
  Clock,
  Gap,
  Heartbeat,
  JournalLine,
  Log,
  Random,
  RecordsPage,
  Shard,
  StreamsClient,
} from '../ports.js';
import { Discovery } from './discovery.js';
import { DueQueue } from './due-queue.js';
import { Lineage } from './lineage.js';
import { denied, type Missing, skipped, trimmed, vanished } from './missing-records.js';
import { nextDelay, type Pace } from './pacing.js';
import type { DeliveredPage, PageSink } from './page-sink.js';
import { backoff, type Retrier } from './retry.js';
import {
  checkpointOf,
  isCaughtUp,
  isClosed,
  iteratorStart,
  loseIterator,
  type ShardProgress,
  startProgress,
  takePage,
} from './shard-progress.js';

export interface StreamReaderTools {
  readonly streams: StreamsClient;
  readonly sink: PageSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly retrier: Retrier;
}

export interface StreamReaderOptions {
  readonly StreamArn: string;
  /** End when every shard has been read up to the start of the run. */
  readonly once: boolean;
  readonly from: 'trim-horizon' | 'latest';
  readonly pace: Pace;
  /** GetRecords calls in flight, and pages being written, over all shards. */
  readonly concurrency: number;
  /** The stream's checkpoints from earlier runs. */
  readonly known: ReadonlyMap<string, Checkpoint>;
}

/**
 * Why the reading ended: `caught-up` (once), `drained` (the stream is switched off and read to its end), `gone` (the
 * stream exists no more), `stopped` (the signal).
 */
export type StreamEnd = 'caught-up' | 'drained' | 'gone' | 'stopped';

/** A shard is asked for so often, when it is listed and yet said not to exist, before it is given up. */
const MOST_DENIALS = 5;
/** An unlisted shard that exists is looked for in the listing so often before it is read without knowing its parent. */
const MOST_LOOKS = 5;

/** Reads every shard of one stream, parents before children, and hands each page on. */
export class StreamReader {
  readonly gaps: Gap[] = [];
  readonly #tools: StreamReaderTools;
  readonly #options: StreamReaderOptions;
  readonly #lineage = new Lineage();
  readonly #discovery: Discovery;
  readonly #due: DueQueue<ShardProgress>;
  readonly #halt = new AbortController();
  /** Shards that have not ended; with `once`, not been read up to the start either. */
  readonly #unfinished = new Set<ShardProgress>();
  #signal = this.#halt.signal;
  #startedAt = 0;
  /** When the stream was last listed: of a shard that nobody has seen yet, nothing before this was missed. */
  #watchedAt: number | undefined;
  #fetching = 0;
  #writing = 0;
  #over = false;
  #gone = false;
  #failure: { error: unknown } | undefined;
  #settle: (end: StreamEnd | { error: unknown }) => void = () => {};

  constructor(tools: StreamReaderTools, options: StreamReaderOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#due = new DueQueue(tools.clock, () => this.#pump());
    this.#discovery = new Discovery(tools, options.StreamArn, (shards) => this.#adopt(shards));
    for (const { caughtUpAt, at } of options.known.values()) {
      this.#watchedAt = Math.max(this.#watchedAt ?? 0, Date.parse(caughtUpAt ?? at));
    }
  }

  /** Reads until there is a reason to end. Rejects with the error that made going on impossible. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    this.#signal = AbortSignal.any([signal, this.#halt.signal]);
    this.#startedAt = this.#tools.clock.now();
    try {
      const { shards } = await this.#discovery.refresh(this.#signal);
      if (this.#options.from === 'latest' && this.#options.known.size === 0) await this.#startAtLatest(shards);
      else this.#adopt(shards);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      for (const [ShardId, known] of this.#options.known) this.#lineage.add([this.#progress({ ShardId }, known)]);
      await this.#streamGone();
      return 'gone';
    }
    const ended = new Promise<StreamEnd | { error: unknown }>((resolve) => {
      this.#settle = resolve;
    });
    const onAbort = () => this.#pump();
    this.#signal.addEventListener('abort', onAbort);
    const discovering = this.#discovery
      .run(this.#signal, this.#options.once, () => this.#pump())
      .catch((error: unknown) => this.#onListingFailed(error));
    this.#pump();
    const end = await ended;
    this.#halt.abort();
    this.#due.disarm();
    await discovering;
    this.#signal.removeEventListener('abort', onAbort);
    if (typeof end === 'object') throw end.error;
    if (end === 'gone') await this.#streamGone();
    return end;
  }

  /** How the shards stand. */
  shards(): { open: number; behind: number; ended: number; readUpTo: number | undefined } {
    const counts = { open: 0, behind: 0, ended: 0, readUpTo: undefined as number | undefined };
    for (const shard of this.#lineage.shards.values()) {
      if (shard.state === 'ended') {
        counts.ended++;
        continue;
      }
      counts.open++;
      if (!isCaughtUp(shard)) counts.behind++;
      const readUpTo = shard.caughtUpAt;
      if (readUpTo !== undefined) counts.readUpTo = Math.min(counts.readUpTo ?? readUpTo, readUpTo);
    }
    return counts;
  }

  /** What may be said of all shards at once, so that idle shards cost no journal line each. */
  heartbeat(): Omit<Heartbeat, 'getRecordsCalls'> {
    const { shards } = this.#lineage;
    // Before the first listing nothing may be said of the shards of earlier runs.
    const unknown = [...this.#options.known.values()].filter(({ position }) => position !== 'SHARD_END');
    const behind = unknown.map(({ ShardId }) => ShardId).filter((ShardId) => !shards.has(ShardId));
    let at = Infinity;
    for (const shard of shards.values()) {
      if (shard.state === 'ended') continue;
      if (isCaughtUp(shard) && shard.writing === undefined && shard.caughtUpAt !== undefined) {
        at = Math.min(at, shard.caughtUpAt);
      } else behind.push(shard.ShardId);
    }
    if (at === Infinity) at = this.#tools.clock.now();
    return { stream: this.#options.StreamArn, at: new Date(at).toISOString(), behind };
  }

  // ------------------------------------------------------------------------------------ shards

  #progress(shard: Shard, known: Checkpoint | undefined, unlisted = false): ShardProgress {
    const now = this.#tools.clock.now();
    // What a child is promised follows from its parent.
    return startProgress(shard, known, shard.ParentShardId === undefined ? (this.#watchedAt ?? now) : now, unlisted);
  }

  async #startAtLatest(shards: readonly Shard[]): Promise<void> {
    const { StreamArn: stream } = this.#options;
    const at = new Date(this.#tools.clock.now()).toISOString();
    const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
    const checkpoints = shards.map((shard): Checkpoint => {
      const position = isClosed(shard) || parents.has(shard.ShardId) ? 'SHARD_END' : 'LATEST';
      return { stream, ShardId: shard.ShardId, position, caughtUpAt: at, at };
    });
    if (checkpoints.length > 0) {
      await this.#tools.sink.record(checkpoints.map((checkpoint) => ({ type: 'checkpoint', ...checkpoint })));
    }
    const known = new Map(checkpoints.map((checkpoint) => [checkpoint.ShardId, checkpoint]));
    const added = shards.map((shard) => {
      const progress = this.#progress(shard, known.get(shard.ShardId));
      progress.fromHorizon = false;
      return progress;
    });
    this.#begin(added);
  }

  /** Takes in a listing: new shards are read, or wait for their parents. Nothing is concluded from what it lacks. */
  #adopt(shards: readonly Shard[]): void {
    const { known, StreamArn } = this.#options;
    const first = this.#lineage.shards.size === 0;
    const added: ShardProgress[] = [];
    for (const shard of shards) {
      const progress = this.#lineage.shards.get(shard.ShardId);
      if (shard.ParentShardId !== undefined) this.#discovery.foundChildren(shard.ParentShardId);
      // What is born of an open shard after the start of the run is not the run's concern.
      if (progress === undefined && this.#options.once && !first && this.#isOpen(shard.ParentShardId)) continue;
      if (progress === undefined || this.#isGuess(progress))
        added.push(this.#progress(shard, known.get(shard.ShardId)));
      else if (isClosed(shard)) progress.closed = true;
    }
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    if (first) {
      for (const [ShardId, checkpoint] of known) {
        // Where reading has not begun, it may have to wait for a parent that only a listing tells.
        const unlisted = checkpoint.position === 'TRIM_HORIZON';
        if (!listed.has(ShardId)) added.push(this.#progress({ ShardId }, checkpoint, unlisted));
      }
    }
    this.#begin(added);
    const now = this.#tools.clock.now();
    this.#watchedAt = now;
    for (const progress of added) {
      const { ShardId, state } = progress;
      if (!known.has(ShardId)) this.#tools.sink.note(checkpointOf(progress, StreamArn, now, false));
      if (state === 'ended' && listed.has(ShardId) && !this.#lineage.hasChildren(ShardId)) {
        this.#discovery.expectChildren(ShardId);
      }
    }
  }

  #isOpen(ShardId: string | undefined): boolean {
    const shard = ShardId === undefined ? undefined : this.#lineage.shards.get(ShardId);
    return shard !== undefined && shard.state !== 'ended';
  }

  /** Known by name alone, and nothing of it delivered yet: what a listing says of it counts. */
  #isGuess(progress: ShardProgress): boolean {
    return progress.unlisted && progress.state !== 'ended' && progress.position === 'TRIM_HORIZON';
  }

  #begin(added: readonly ShardProgress[]): void {
    for (const { ShardId } of added) {
      const guess = this.#lineage.shards.get(ShardId);
      if (guess !== undefined) this.#unfinished.delete(guess);
    }
    this.#lineage.add(added);
    const asked = this.#lineage.unlistedParents().map((shard) => this.#progress(shard, undefined, true));
    this.#lineage.add(asked);
    for (const progress of [...added, ...asked]) {
      if (progress.state === 'ended') continue;
      this.#unfinished.add(progress);
      if (progress.state === 'reading') this.#schedule(progress, 0);
    }
  }

  #schedule(progress: ShardProgress, at: number): void {
    this.#due.add(progress, Math.max(at, this.#tools.clock.now()));
  }

  // ------------------------------------------------------------------------------------ the loop

  #pump(): void {
    if (this.#over) return;
    const { concurrency } = this.#options;
    const free = () => this.#fetching + this.#writing < concurrency;
    if (!this.#signal.aborted) {
      while (free()) {
        const progress = this.#due.take();
        if (progress === undefined) break;
        void this.#read(progress);
      }
      if (free()) this.#due.arm();
    }
    if (this.#fetching > 0 || this.#writing > 0) return;
    const end = this.#end();
    if (end === undefined) return;
    this.#over = true;
    this.#settle(end);
  }

  #end(): StreamEnd | { error: unknown } | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#gone) return 'gone';
    if (this.#signal.aborted) return 'stopped';
    if (this.#unfinished.size > 0) {
      if (this.#due.length > 0) return undefined;
      for (const progress of this.#lineage.breakCircle()) this.#schedule(progress, 0);
      this.#due.arm();
      return undefined;
    }
    if (this.#discovery.expecting) return undefined;
    if (this.#options.once) return 'caught-up';
    return this.#discovery.disabled ? 'drained' : undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#halt.abort();
  }

  async #read(progress: ShardProgress): Promise<void> {
    this.#fetching++;
    try {
      await this.#fetch(progress);
    } catch (error) {
      try {
        if (!this.#signal.aborted) await this.#onError(progress, error);
      } catch (fatal) {
        if (!this.#signal.aborted) this.#fail(fatal);
      }
    } finally {
      this.#fetching--;
    }
    this.#pump();
  }

  async #fetch(progress: ShardProgress): Promise<void> {
    const { streams, clock, retrier, random } = this.#tools;
    const { StreamArn, once, pace } = this.#options;
    const { ShardId } = progress;
    if (progress.iterator === undefined) {
      const start = iteratorStart(progress);
      // Should the call fail, the next one comes too late for LATEST.
      loseIterator(progress);
      const iterator = await streams.getShardIterator({ StreamArn, ShardId, start }, this.#signal);
      if (start === 'LATEST') progress.fromHorizon = false;
      if (this.#isReplaced(progress)) return;
      progress.iterator = iterator;
      const missing = start === 'TRIM_HORIZON' ? skipped(progress, StreamArn, clock.now()) : undefined;
      if (missing !== undefined) await this.#record(progress, missing);
    }
    if (this.#isGuess(progress) && progress.looks < MOST_LOOKS) {
      await this.#lookFor(progress);
      return;
    }
    const askedAt = clock.now();
    const page = await streams.getRecords({ ShardIterator: progress.iterator }, this.#signal);
    if (this.#isReplaced(progress)) return;
    const records = takePage(progress, page, askedAt);
    retrier.succeed();
    const ended = page.NextShardIterator === undefined;
    if (records.length > 0 || ended) {
      const checkpoint = checkpointOf(progress, StreamArn, clock.now(), ended);
      const behindIt = progress.writing;
      const written = this.#write(progress, { ShardId, records, checkpoint }, behindIt);
      progress.writing = written;
      void written.then(() => {
        if (progress.writing === written) progress.writing = undefined;
      });
      // One page is being written; the next may be fetched only when this one's turn to be written has come.
      if (behindIt !== undefined) await behindIt;
    }
    if (ended || this.#signal.aborted) return;
    if (once && this.#reachedStart(progress)) {
      await progress.writing;
      this.#unfinished.delete(progress);
      return;
    }
    const delay = nextDelay(this.#lastPage(progress, page), pace, random);
    this.#schedule(progress, askedAt + delay);
  }

  /** A listing has shown what was known by name alone. */
  #isReplaced(progress: ShardProgress): boolean {
    return this.#lineage.shards.get(progress.ShardId) !== progress;
  }

  /** The shard exists, but the listing lacked it: its parent is not known. Listings become consistent in time. */
  async #lookFor(progress: ShardProgress): Promise<void> {
    const { clock, random } = this.#tools;
    try {
      this.#adopt((await this.#discovery.refresh(this.#signal)).shards);
    } catch (error) {
      this.#onListingFailed(error);
      return;
    }
    if (!this.#isReplaced(progress)) this.#schedule(progress, clock.now() + backoff(++progress.looks, random));
  }

  #lastPage(progress: ShardProgress, page: RecordsPage) {
    return {
      records: page.Records.length,
      bytes: page.bytes,
      emptyPages: progress.emptyPages,
      age: progress.lastRecordAt === undefined ? undefined : this.#tools.clock.now() - progress.lastRecordAt,
      finite: this.#options.once || progress.closed,
      behind: !isCaughtUp(progress),
    };
  }

  /** With `once`: an open shard has been read up to the start of the run. */
  #reachedStart(progress: ShardProgress): boolean {
    if (progress.closed) return false;
    return isCaughtUp(progress) || (progress.lastRecordAt ?? 0) > this.#startedAt;
  }

  async #write(progress: ShardProgress, page: DeliveredPage, behindIt: Promise<void> | undefined): Promise<void> {
    await behindIt;
    if (this.#failure !== undefined) return;
    this.#writing++;
    try {
      await this.#tools.sink.deliver(page);
      if (page.checkpoint.position === 'SHARD_END') this.#onEnded(progress);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing--;
    }
    queueMicrotask(() => this.#pump());
  }

  #onEnded(progress: ShardProgress): void {
    this.#unfinished.delete(progress);
    for (const child of this.#lineage.end(progress)) this.#schedule(child, 0);
    if (!this.#lineage.hasChildren(progress.ShardId)) this.#discovery.expectChildren(progress.ShardId);
  }

  // ------------------------------------------------------------------------------------ faults

  async #onError(progress: ShardProgress, error: unknown): Promise<void> {
    const { clock, random, retrier } = this.#tools;
    if (!(error instanceof TtlArchiveError)) throw error;
    const kind = errorKindOf(error);
    if (kind === 'stop') throw error;
    progress.failures++;
    if (kind === 'retry' || progress.failures > 3) retrier.fail('GetRecords', error);
    if (kind === 'renew') loseIterator(progress);
    if (kind === 'shard') {
      // What was read before is kept before anything is concluded.
      await progress.writing;
      if (this.#signal.aborted) return;
      if (error.code === 'TRIMMED') await this.#onTrimmed(progress);
      else if (await this.#onMissing(progress)) return;
    }
    const wait = kind !== 'retry' && progress.failures === 1 ? 0 : backoff(progress.failures, random);
    this.#schedule(progress, clock.now() + wait);
  }

  async #onTrimmed(progress: ShardProgress): Promise<void> {
    const atHorizon = progress.fromHorizon || progress.position === 'TRIM_HORIZON';
    const missing = trimmed(progress, this.#options.StreamArn, this.#tools.clock.now());
    // The horizon itself moved on between two calls: nothing to write down unless something was lost.
    if (!atHorizon || missing.gap !== undefined) await this.#record(progress, missing);
  }

  /** The stream says that the shard does not exist. Gives whether that settles the shard. */
  async #onMissing(progress: ShardProgress): Promise<boolean> {
    const { StreamArn } = this.#options;
    const { ShardId } = progress;
    if (this.#isReplaced(progress)) return true;
    if (this.#isGuess(progress)) {
      await this.#forget(progress);
      return true;
    }
    try {
      const { shards } = await this.#discovery.refresh(this.#signal);
      const listed = shards.some((shard) => shard.ShardId === ShardId);
      loseIterator(progress);
      if (listed && ++progress.missing < MOST_DENIALS) return false;
      const conclude = listed ? denied : vanished;
      await this.#record(progress, conclude(progress, StreamArn, this.#tools.clock.now()));
      this.#onEnded(progress);
    } catch (error) {
      this.#onListingFailed(error);
    }
    return true;
  }

  async #forget(progress: ShardProgress): Promise<void> {
    const { known, StreamArn } = this.#options;
    const missing = vanished(progress, StreamArn, this.#tools.clock.now());
    if (missing.gap !== undefined || known.has(progress.ShardId)) await this.#record(progress, missing);
    this.#unfinished.delete(progress);
    for (const child of this.#lineage.forget(progress)) this.#schedule(child, 0);
  }

  async #record(progress: ShardProgress, { gap, lines }: Missing): Promise<void> {
    const { ShardId } = progress;
    if (gap !== undefined) await this.#recordGap(gap, lines);
    else {
      this.#tools.log.info({ ShardId }, 'trimmed after it was read: nothing is lost');
      await this.#tools.sink.record(lines);
    }
  }

  async #recordGap(gap: Gap, lines: readonly JournalLine[]): Promise<void> {
    await this.#tools.sink.record(lines);
    this.gaps.push(gap);
    const { ShardId, from, to, reason } = gap;
    this.#tools.log.error({ ShardId, from, to, reason }, 'gap: records may have been lost before they were read');
  }

  #onListingFailed(error: unknown): void {
    if (this.#signal.aborted) return;
    if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) {
      this.#fail(error);
      return;
    }
    this.#gone = true;
    this.#halt.abort();
  }

  /** No shard of the stream can be read any more. */
  async #streamGone(): Promise<void> {
    const { known, StreamArn } = this.#options;
    const { clock, log, sink } = this.#tools;
    // DynamoDB Local in memory forgets its streams when it is restarted; its region is `ddblocal`.
    const forgotten = StreamArn.includes(':ddblocal:');
    log.warn({ StreamArn }, forgotten ? 'DynamoDB Local has forgotten the stream' : 'the stream is gone');
    for (const progress of this.#lineage.shards.values()) {
      if (progress.state === 'ended' || (progress.unlisted && !known.has(progress.ShardId))) continue;
      if (!forgotten) await this.#record(progress, vanished(progress, StreamArn, clock.now()));
      else await sink.record([{ type: 'checkpoint', ...checkpointOf(progress, StreamArn, clock.now(), true) }]);
      progress.state = 'ended';
    }
  }
}
