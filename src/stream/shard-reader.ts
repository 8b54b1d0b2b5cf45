import type { RecordsPage } from '../ports/index.js';
import type { Load } from './load.js';
import { EMPTY_PAGES_BEFORE_AN_END, nextDelay } from './pacing.js';
import type { Halt, StreamReaderOptions, StreamReaderTools } from './reading.js';
import { backoff } from './retry.js';
import type { ShardFaults } from './shard-faults.js';
import {
  checkpointOf,
  isCaughtUp,
  iteratorStart,
  loseIterator,
  type ShardProgress,
  takePage,
} from './shard-progress.js';
import type { StreamShards } from './stream-shards.js';

/** An unlisted shard that exists is looked for in the listing so often before it is read without knowing its parent. */
const MOST_LOOKS = 5;

/** Pages of one shard that may be being written when the next one is taken in. */
const PAGES_BEING_WRITTEN = 2;

/** A shorter page is taken apart before another call could leave. */
const READ_AHEAD_BYTES = 100_000;

/** How a shard goes on: with a page that has been asked for already, or with a call that is due at some time. */
type NextCall = { readonly asked?: Asked | undefined; readonly due?: number };

/** A page that has been asked for. */
interface Asked {
  readonly ShardIterator: string;
  /** When, by AWS's clock; epoch milliseconds. */
  readonly at: number;
  /** The same by the machine's clock. */
  readonly due: number;
  readonly page: Promise<RecordsPage>;
  /** It is this page's turn: only then may the one after it be asked for, or a chain of them would run away. */
  awaited?: true;
  /** The page after it, asked for as well. */
  next?: Asked;
  /** Bytes of it that take up room, beyond those that were expected. */
  held: number;
  /** Nobody waits for it any more. */
  done?: true;
}

/** What the readers of a stream's shards share. */
export interface ShardReaderParts {
  readonly tools: StreamReaderTools;
  readonly options: StreamReaderOptions;
  readonly shards: StreamShards;
  readonly faults: ShardFaults;
  readonly halt: Halt;
  readonly load: Load;
  /** Epoch milliseconds by AWS's clock: with `once`, what came later is not the run's concern. */
  readonly startedAt: number;
  /** Something has ended: there may be room for more. */
  readonly onEnd: () => void;
}

/** Reads single shards, a few pages at a time, and hands each page on. */
export class ShardReader {
  readonly #parts: ShardReaderParts;

  constructor(parts: ShardReaderParts) {
    this.#parts = parts;
  }

  /** Reads what is due of a shard and schedules what comes next. Never rejects: what is fatal goes to the halt. */
  async read(progress: ShardProgress): Promise<void> {
    const { faults, halt, load, shards, onEnd } = this.#parts;
    load.reading++;
    try {
      let next: NextCall | undefined = {};
      do {
        next = await this.#next(progress, next.asked);
        while (progress.writing.length >= PAGES_BEING_WRITTEN) await progress.writing[0];
      } while (next?.asked !== undefined && !halt.signal.aborted);
      this.#finish(next?.asked);
      if (next?.due !== undefined) shards.schedule(progress, next.due);
    } catch (error) {
      try {
        if (!halt.signal.aborted) await faults.onError(progress, error, halt);
      } catch (fatal) {
        if (!halt.signal.aborted) halt.fail(fatal);
      }
    } finally {
      load.reading--;
    }
    onEnd();
  }

  /** Takes in one page, `ahead` if it has been asked for already. Gives undefined when the shard is not to go on. */
  async #next(progress: ShardProgress, ahead: Asked | undefined): Promise<NextCall | undefined> {
    const { load, shards } = this.#parts;
    // Of a page that is on its way already all bytes count as they come.
    const expected = ahead === undefined ? load.expect(progress.pageBytes) : 0;
    let asked = ahead;
    let following: NextCall | undefined;
    try {
      if (shards.isReplaced(progress)) return undefined;
      const ShardIterator = progress.iterator ?? (await this.#open(progress));
      if (ShardIterator === undefined) return undefined;
      asked ??= this.#ask(progress, ShardIterator, expected);
      asked.awaited = true;
      const page = await asked.page;
      if (shards.isReplaced(progress)) return undefined;
      following = await this.#take(progress, asked, page);
      return following;
    } finally {
      load.unexpect(expected);
      if (asked?.next !== following?.asked) this.#finish(asked?.next);
      this.#finish(asked);
    }
  }

  /** Gives back the room that an answer takes up, also when it comes only later. */
  #finish(asked: Asked | undefined): void {
    if (asked === undefined || asked.done === true) return;
    asked.done = true;
    this.#parts.load.release(asked.held);
  }

  async #take(progress: ShardProgress, asked: Asked, page: RecordsPage): Promise<NextCall | undefined> {
    const { halt, load, shards, tools, options } = this.#parts;
    const { awsTime, random, retrier } = tools;
    if (progress.pageBytes === undefined) load.learn(page.bytes);
    const records = takePage(progress, page, asked.at);
    retrier.succeed();
    const ended = page.NextShardIterator === undefined;
    if (records.length > 0 || ended) {
      const place = checkpointOf(progress, options.StreamArn, awsTime.now(), ended);
      const checkpoint = ended ? shards.markChildless(place) : place;
      const turn = this.#turn(progress.writing.at(-1));
      const delivered = tools.sink.deliver({ ShardId: progress.ShardId, records, checkpoint }, turn);
      this.#write(progress, page.bytes, delivered, ended);
    }
    if (ended || halt.signal.aborted) return undefined;
    if (options.once && progress.closed && progress.emptyPages === EMPTY_PAGES_BEFORE_AN_END) {
      await this.#doubtEnd(progress);
    }
    if (options.once && this.#reachedStart(progress)) {
      await progress.writing.at(-1);
      shards.unfinished.delete(progress);
      return undefined;
    }
    const delay = nextDelay(this.#lastPage(progress, page), options.pace, random);
    progress.backlog = delay === 0 && page.Records.length > 0;
    return asked.next?.ShardIterator === progress.iterator ? { asked: asked.next } : { due: asked.due + delay };
  }

  /** A fresh iterator; undefined when the shard is not to be read now. */
  async #open(progress: ShardProgress): Promise<string | undefined> {
    const { faults, halt, shards, tools, options } = this.#parts;
    const { ShardId } = progress;
    const start = iteratorStart(progress);
    // Should the call fail, the next one comes too late for LATEST.
    loseIterator(progress);
    const input = { StreamArn: options.StreamArn, ShardId, start };
    const iterator = await tools.streams.getShardIterator(input, halt.signal);
    if (start === 'LATEST') progress.fromHorizon = false;
    if (shards.isReplaced(progress)) return undefined;
    if (shards.isGuess(progress) && progress.looks < MOST_LOOKS) {
      await this.#lookFor(progress);
      return undefined;
    }
    progress.iterator = iterator;
    if (start === 'TRIM_HORIZON') await faults.onHorizon(progress, halt.signal);
    return iterator;
  }

  /** Asks for a page and, as soon as the iterator of the page after it is there, perhaps for that one, too. */
  #ask(progress: ShardProgress, ShardIterator: string, expected: number): Asked {
    const { halt, load, tools } = this.#parts;
    const onSize = async (bytes: number): Promise<void> => {
      const more = Math.max(0, bytes - expected);
      await load.admit(more);
      if (asked.done === true) load.release(more);
      else asked.held += more;
    };
    const asked: Asked = {
      ShardIterator,
      at: tools.awsTime.now(),
      due: tools.clock.now(),
      page: tools.streams.getRecords(
        { ShardIterator },
        halt.signal,
        (next, bytes) => {
          if (asked.awaited !== true || !this.#readsAhead(progress, bytes)) return false;
          asked.next = this.#ask(progress, next, 0);
          return true;
        },
        onSize,
      ),
      held: 0,
    };
    // It is awaited later, or not at all.
    asked.page.catch(() => undefined);
    return asked;
  }

  /** The server works on the next page while this one is taken apart. No room means that another shard's turn has come. */
  #readsAhead(progress: ShardProgress, bytes: number): boolean {
    const { halt, load } = this.#parts;
    if (bytes < READ_AHEAD_BYTES || !progress.backlog || halt.signal.aborted) return false;
    return progress.writing.length < PAGES_BEING_WRITTEN && load.hasRoom();
  }

  /** The shard exists, but the listing lacked it: its parent is not known. Listings become consistent in time. */
  async #lookFor(progress: ShardProgress): Promise<void> {
    const { halt, shards, tools } = this.#parts;
    await this.#list();
    if (halt.signal.aborted || shards.isReplaced(progress)) return;
    shards.schedule(progress, tools.clock.now() + backoff(++progress.looks, tools.random));
  }

  /** Nothing but empty pages: the end is late, or a listing called the shard closed that is not. */
  async #doubtEnd(progress: ShardProgress): Promise<void> {
    progress.closed = false;
    await this.#list();
  }

  async #list(): Promise<void> {
    const { faults, halt, shards } = this.#parts;
    try {
      shards.adopt((await shards.discovery.refresh(halt.signal)).shards);
    } catch (error) {
      faults.onListingFailed(error, halt);
    }
  }

  #lastPage(progress: ShardProgress, page: RecordsPage) {
    const { tools, options } = this.#parts;
    return {
      records: page.Records.length,
      bytes: page.bytes,
      emptyPages: progress.emptyPages,
      age: progress.lastRecordAt === undefined ? undefined : tools.awsTime.now() - progress.lastRecordAt,
      finite: options.once || progress.closed,
      behind: !isCaughtUp(progress),
    };
  }

  /** With `once`: an open shard has been read up to the start of the run. */
  #reachedStart(progress: ShardProgress): boolean {
    if (progress.closed) return false;
    return isCaughtUp(progress) || (progress.lastRecordAt ?? 0) > this.#parts.startedAt;
  }

  /** Keeps account of a page until it is durable. */
  #write(progress: ShardProgress, bytes: number, delivered: Promise<void>, ended: boolean): void {
    const { halt, load, shards, onEnd } = this.#parts;
    const write = async (): Promise<void> => {
      load.writing++;
      load.hold(bytes);
      try {
        await delivered;
        if (ended) shards.end(progress);
      } catch (error) {
        halt.fail(error);
      } finally {
        load.writing--;
        load.release(bytes);
        // Not always the first: when the disk fails, a page may be given up before the one whose turn it waits for.
        void progress.writing.splice(progress.writing.indexOf(written), 1);
      }
      queueMicrotask(onEnd);
    };
    const written = write();
    progress.writing.push(written);
  }

  /** Resolves when the shard's page before is archived; rejects when it is not. */
  #turn(before: Promise<void> | undefined): Promise<void> {
    const turn = async (): Promise<void> => {
      await before;
      const { failure } = this.#parts.halt;
      if (failure !== undefined) throw failure.error;
    };
    const result = turn();
    // Whoever takes it may be busy making the page ready.
    result.catch(() => undefined);
    return result;
  }
}
