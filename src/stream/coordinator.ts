import { hasCode } from '../errors.js';
import { adoptListing } from '../shards/adopt-listing.js';
import type { Effect } from '../shards/effects.js';
import { onChildless } from '../shards/lost-shards.js';
import { ShardGraph } from '../shards/shard-graph.js';
import type { ShardState } from '../shards/shard-state.js';
import { DueQueue } from './due-queue.js';
import { type BudgetShare, InFlightBudget } from './in-flight-budget.js';
import type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';
import { LONGEST_WAIT } from './retry.js';
import { type Listed, ShardLister } from './shard-lister.js';
import { ShardWrites } from './shard-writes.js';
import { Shutdown } from './shutdown.js';

/** Milliseconds by which `AwsTime` may be behind: a Date has whole seconds, and the response took its time. */
const MAX_BEHIND = 2000;

/** Most calls that are made to confirm AWS's time. */
const MAX_CONFIRMATIONS = 5;

/** One reading of a stream: carries out the effects of its ShardGraph, in order, and owns what its readers share. */
export class Coordinator {
  readonly context: StreamReaderContext;
  readonly options: StreamReaderOptions;
  readonly graph: ShardGraph;
  readonly shutdown: Shutdown;
  readonly lister: ShardLister;
  readonly budget: BudgetShare;
  readonly queue: DueQueue<ShardState>;
  readonly writes = new ShardWrites();
  #wake = (): void => undefined;
  readonly wake = (): void => this.#wake();

  constructor(context: StreamReaderContext, options: StreamReaderOptions) {
    const { awsTime, clock, signal } = context;
    this.context = context;
    this.options = options;
    // Not before the start of the run, even when AWS's time is behind.
    this.graph = new ShardGraph(options, awsTime.now() + (awsTime.isKnown ? MAX_BEHIND : 0));
    this.shutdown = new Shutdown(signal);
    this.lister = new ShardLister(context, options);
    this.budget = (context.budget ?? new InFlightBudget(options.concurrency)).share(this.wake);
    this.queue = new DueQueue(clock);
  }

  /**
   * Carries effects out, one after the other: what depends on a commit comes after it. Without a commit they are done at
   * once: a shard that is read in between would get its older, lazy checkpoint after the newer one.
   */
  async apply(effects: readonly Effect[]): Promise<void> {
    const { clock, log, sink } = this.context;
    for (const effect of effects) {
      if (effect.type === 'commit') await sink.commit(effect.lines);
      else if (effect.type === 'checkpoint-lazily') sink.checkpointLazily(effect.checkpoint);
      else if (effect.type === 'log') log[effect.level](effect.fields, effect.message);
      else if (effect.type === 'poll') this.schedule(effect.shard, clock.now());
      else this.lister.listSoon();
    }
  }

  /** Polls the shard at a time; epoch milliseconds by the machine's clock. */
  schedule(shard: ShardState, at: number): void {
    const now = this.context.clock.now();
    // A time that was computed before the clock was set back lies too far ahead.
    const latest = now + Math.max(LONGEST_WAIT, this.options.pace.maxPollInterval);
    this.queue.add(shard, Math.min(Math.max(at, now), latest));
  }

  /** Resolves at the next `wake`: there may be room, or nothing left to do. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Lists the stream now. An error ends the reading. */
  async relist(): Promise<void> {
    try {
      await this.adopt({ ...(await this.lister.list(this.shutdown.signal)), whole: true });
    } catch (error) {
      this.listingFailed(error);
    }
  }

  /** Lists the stream from time to time until the reading ends. Never rejects. */
  async keepListing(): Promise<void> {
    try {
      for await (const listed of this.lister.listings(this.shutdown.signal, this.graph.expectingChildren)) {
        await this.adopt(listed);
        this.wake();
      }
    } catch (error) {
      this.listingFailed(error);
    }
  }

  async adopt(listed: Listed): Promise<void> {
    const { context, graph } = this;
    if (!('withoutChildren' in listed)) return this.apply(adoptListing(graph, listed, context.awsTime.now()));
    // Shards that a stream closes when it is switched off have no children.
    if (!graph.isDisabled) {
      const ShardIds = listed.withoutChildren;
      context.log.warn({ event: 'shard.childless', shards: ShardIds.length }, 'ended shards without listed children');
      await this.apply(onChildless(graph, ShardIds, await this.confirmedNow()));
    }
    // Others may have ended meanwhile, whose children are still expected.
    for (const ShardId of listed.withoutChildren) graph.expectingChildren.delete(ShardId);
  }

  listingFailed(error: unknown): void {
    if (this.shutdown.signal.aborted) return;
    if (hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) this.shutdown.streamGone();
    else this.shutdown.fail(error);
  }

  /** AWS's time; undefined when it is in doubt. */
  certainNow(): number | undefined {
    const { awsTime } = this.context;
    return awsTime.isKnown && !awsTime.isDoubtful ? awsTime.now() : undefined;
  }

  /**
   * AWS's time, for deciding about loss. When the last response contradicted the previous ones, it is confirmed first by
   * further calls: this machine may have slept for a day, or the response may be wrong.
   */
  async confirmedNow(signal = this.shutdown.signal): Promise<number> {
    const { awsTime } = this.context;
    for (let tries = 0; awsTime.isDoubtful && !signal.aborted && tries < MAX_CONFIRMATIONS; tries++) {
      try {
        await this.lister.list(signal);
      } catch (error) {
        // A response that the stream is gone has a Date, too.
        if (!signal.aborted && !hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      }
    }
    return awsTime.now();
  }
}
