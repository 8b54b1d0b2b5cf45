import { hasCode } from '../errors.js';
import type { Gap, Heartbeat, RecordsPage } from '../ports.js';
import { EMPTY_PAGES_BEFORE_AN_END, nextDelay } from './pacing.js';
import type { DeliveredPage } from './page-sink.js';
import { Halt, type StreamReaderOptions, type StreamReaderTools } from './reading.js';
import { backoff } from './retry.js';
import { ShardFaults } from './shard-faults.js';
import {
  checkpointOf,
  isCaughtUp,
  iteratorStart,
  loseIterator,
  type ShardProgress,
  takePage,
} from './shard-progress.js';
import { StreamShards } from './stream-shards.js';

export type { StreamReaderOptions, StreamReaderTools } from './reading.js';

/**
 * Why the reading ended: `caught-up` (once), `drained` (the stream is switched off and read to its end), `gone` (the
 * stream exists no more), `stopped` (the signal).
 */
export type StreamEnd = 'caught-up' | 'drained' | 'gone' | 'stopped';

/** An unlisted shard that exists is looked for in the listing so often before it is read without knowing its parent. */
const MOST_LOOKS = 5;

/** Reads every shard of one stream, parents before children, and hands each page on. */
export class StreamReader {
  readonly #tools: StreamReaderTools;
  readonly #options: StreamReaderOptions;
  readonly #shards: StreamShards;
  readonly #faults: ShardFaults;
  #halt = new Halt(new AbortController().signal);
  #startedAt = 0;
  #fetching = 0;
  #writing = 0;
  #over = false;
  #settle: (end: StreamEnd | { error: unknown }) => void = () => {};

  constructor(tools: StreamReaderTools, options: StreamReaderOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#shards = new StreamShards(tools, options, () => this.#pump());
    this.#faults = new ShardFaults(tools, options, this.#shards);
  }

  /** The gaps that this run has written down. */
  get gaps(): readonly Gap[] {
    return this.#faults.gaps;
  }

  /** Reads until there is a reason to end. Rejects with the error that made going on impossible. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    const halt = new Halt(signal);
    this.#halt = halt;
    this.#startedAt = this.#tools.clock.now();
    const { discovery, due } = this.#shards;
    try {
      const { shards } = await discovery.refresh(halt.signal);
      if (shards.length === 0) await this.#faults.onNoShards();
      await this.#shards.begin(shards);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      await this.#faults.onStreamGone();
      return 'gone';
    }
    const ended = new Promise<StreamEnd | { error: unknown }>((resolve) => {
      this.#settle = resolve;
    });
    const pump = () => this.#pump();
    halt.signal.addEventListener('abort', pump);
    const discovering = discovery
      .run(halt.signal, this.#options.once, pump)
      .catch((error: unknown) => this.#faults.onListingFailed(error, halt));
    pump();
    const end = await ended;
    halt.end();
    due.disarm();
    await discovering;
    halt.signal.removeEventListener('abort', pump);
    if (typeof end === 'object') throw end.error;
    // Only now that nothing is read or written any more.
    if (end === 'gone') await this.#faults.onStreamGone();
    return end;
  }

  /** How the shards stand. */
  shards(): { open: number; behind: number; ended: number; readUpTo: number | undefined } {
    return this.#shards.counts();
  }

  /** What may be said of all shards at once, so that idle shards cost no journal line each. */
  heartbeat(): Omit<Heartbeat, 'getRecordsCalls'> {
    return this.#shards.heartbeat();
  }

  #pump(): void {
    if (this.#over) return;
    const { concurrency } = this.#options;
    const { due } = this.#shards;
    const free = () => this.#fetching + this.#writing < concurrency;
    if (!this.#halt.signal.aborted) {
      while (free()) {
        const progress = due.take();
        if (progress === undefined) break;
        void this.#read(progress);
      }
      if (free()) due.arm();
    }
    if (this.#fetching > 0 || this.#writing > 0) return;
    const end = this.#end();
    if (end === undefined) return;
    this.#over = true;
    this.#settle(end);
  }

  #end(): StreamEnd | { error: unknown } | undefined {
    const { discovery, due, lineage, unfinished } = this.#shards;
    if (this.#halt.failure !== undefined) return this.#halt.failure;
    if (this.#halt.gone) return 'gone';
    if (this.#halt.signal.aborted) return 'stopped';
    if (unfinished.size > 0) {
      if (due.length > 0) return undefined;
      if (this.#options.once && this.#shards.dropBornLater()) return this.#end();
      for (const progress of lineage.breakCircle()) this.#shards.schedule(progress, 0);
      due.arm();
      return undefined;
    }
    if (discovery.expecting) return undefined;
    if (this.#options.once) return 'caught-up';
    return discovery.disabled ? 'drained' : undefined;
  }

  async #read(progress: ShardProgress): Promise<void> {
    this.#fetching++;
    try {
      await this.#fetch(progress);
    } catch (error) {
      try {
        if (!this.#halt.signal.aborted) await this.#faults.onError(progress, error, this.#halt);
      } catch (fatal) {
        if (!this.#halt.signal.aborted) this.#halt.fail(fatal);
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
    if (this.#shards.isReplaced(progress)) return;
    if (progress.iterator === undefined) {
      const start = iteratorStart(progress);
      // Should the call fail, the next one comes too late for LATEST.
      loseIterator(progress);
      const iterator = await streams.getShardIterator({ StreamArn, ShardId, start }, this.#halt.signal);
      if (start === 'LATEST') progress.fromHorizon = false;
      if (this.#shards.isReplaced(progress)) return;
      if (this.#shards.isGuess(progress) && progress.looks < MOST_LOOKS) {
        await this.#lookFor(progress);
        return;
      }
      progress.iterator = iterator;
      if (start === 'TRIM_HORIZON') await this.#faults.onHorizon(progress);
    }
    const askedAt = clock.now();
    const page = await streams.getRecords({ ShardIterator: progress.iterator }, this.#halt.signal);
    if (this.#shards.isReplaced(progress)) return;
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
    if (ended || this.#halt.signal.aborted) return;
    if (once && progress.closed && progress.emptyPages === EMPTY_PAGES_BEFORE_AN_END) await this.#doubtEnd(progress);
    if (once && this.#reachedStart(progress)) {
      await progress.writing;
      this.#shards.unfinished.delete(progress);
      return;
    }
    const delay = nextDelay(this.#lastPage(progress, page), pace, random);
    this.#shards.schedule(progress, askedAt + delay);
  }

  /** The shard exists, but the listing lacked it: its parent is not known. Listings become consistent in time. */
  async #lookFor(progress: ShardProgress): Promise<void> {
    const { clock, random } = this.#tools;
    await this.#list();
    if (!this.#halt.signal.aborted && !this.#shards.isReplaced(progress))
      this.#shards.schedule(progress, clock.now() + backoff(++progress.looks, random));
  }

  /** Nothing but empty pages: the end is late, or a listing called the shard closed that is not. */
  async #doubtEnd(progress: ShardProgress): Promise<void> {
    progress.closed = false;
    await this.#list();
  }

  async #list(): Promise<void> {
    try {
      this.#shards.adopt((await this.#shards.discovery.refresh(this.#halt.signal)).shards);
    } catch (error) {
      this.#faults.onListingFailed(error, this.#halt);
    }
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
    if (this.#halt.failure !== undefined) return;
    this.#writing++;
    try {
      await this.#tools.sink.deliver(page);
      if (page.checkpoint.position === 'SHARD_END') this.#shards.end(progress);
    } catch (error) {
      this.#halt.fail(error);
    } finally {
      this.#writing--;
    }
    queueMicrotask(() => this.#pump());
  }
}
