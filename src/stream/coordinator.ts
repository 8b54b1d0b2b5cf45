import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../errors.js';
import { SLICE } from '../lib/in-slices.js';
import { adoptListing } from '../shards/adopt-listing.js';
import type { Effect } from '../shards/effects.js';
import { onChildless } from '../shards/lost-shards.js';
import type { ShardGraph } from '../shards/shard-graph.js';
import type { ShardState } from '../shards/shard-state.js';
import { DueQueue } from './due-queue.js';
import { InFlightBudget } from './in-flight-budget.js';
import type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';
import { LONGEST_WAIT } from './retry.js';
import { type Listed, ShardLister } from './shard-lister.js';
import { ShardWrites } from './shard-writes.js';
import { Shutdown } from './shutdown.js';

/** Answers that are waited for when the time that they tell is in doubt. */
const MAX_CONFIRMATIONS = 5;

/** One reading of a stream: carries out the effects of its ShardGraph, in order, and owns what its readers share. */
export class Coordinator {
  readonly context: StreamReaderContext;
  readonly options: StreamReaderOptions;
  readonly graph: ShardGraph;
  readonly shutdown: Shutdown;
  readonly lister: ShardLister;
  readonly budget: InFlightBudget;
  readonly queue: DueQueue<ShardState>;
  readonly writes = new ShardWrites();
  #wake = (): void => undefined;

  constructor(context: StreamReaderContext, options: StreamReaderOptions, graph: ShardGraph, signal: AbortSignal) {
    this.context = context;
    this.options = options;
    this.graph = graph;
    this.shutdown = new Shutdown(signal);
    this.lister = new ShardLister(context, options.StreamArn);
    this.budget = new InFlightBudget(options.concurrency);
    this.queue = new DueQueue(context.clock);
  }

  /** Carries effects out, one after the other: what depends on a commit comes after it. */
  async apply(effects: readonly Effect[]): Promise<void> {
    const { clock, log, sink } = this.context;
    for (const effect of effects) {
      if (effect.type === 'commit') await sink.commit(effect.lines);
      else if (effect.type === 'checkpoint-lazily') sink.checkpointLazily(effect.checkpoint);
      else if (effect.type === 'log') log[effect.level](effect.fields, effect.message);
      else if (effect.type === 'poll') this.schedule(effect.shard, clock.now() + effect.delay);
      else this.lister.listSoon();
    }
  }

  /** The same for the very many effects of a first listing, with other work in between. */
  async applyInSlices(effects: readonly Effect[]): Promise<void> {
    for (let start = 0; start < effects.length; start += SLICE) {
      if (start > 0) await setImmediate();
      await this.apply(effects.slice(start, start + SLICE));
    }
  }

  /** Polls the shard at a time; epoch milliseconds by the machine's clock. */
  schedule(shard: ShardState, at: number): void {
    const now = this.context.clock.now();
    // A time that was computed before the clock was set back lies too far ahead.
    const latest = now + Math.max(LONGEST_WAIT, this.options.pace.maxPollInterval);
    this.queue.add(shard, Math.min(Math.max(at, now), latest));
  }

  /** Resolves when something has happened since the call of this: there may be room, or nothing left to do. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake();
  }

  /** Lists the stream now. An error ends the reading. */
  async relist(): Promise<void> {
    try {
      await this.takeIn({ ...(await this.lister.list(this.shutdown.signal)), whole: true });
    } catch (error) {
      this.listingFailed(error);
    }
  }

  /** Lists the stream now and then until the reading ends. Never rejects. */
  async keepListing(): Promise<void> {
    const { graph, lister, options, shutdown } = this;
    try {
      for await (const listed of lister.listings(shutdown.signal, options.once, graph.expectingChildren)) {
        await this.takeIn(listed);
        this.wake();
      }
    } catch (error) {
      this.listingFailed(error);
    }
  }

  async takeIn(listed: Listed): Promise<void> {
    const { context, graph } = this;
    if (!('withoutChildren' in listed)) return this.apply(adoptListing(graph, listed, context.awsTime.now()));
    // Shards that a stream closes when it is switched off have no children.
    if (!graph.isDisabled) {
      const ShardIds = listed.withoutChildren;
      context.log.warn({ event: 'shard.childless', shards: ShardIds.length }, 'ended shards without listed children');
      await this.apply(onChildless(graph, ShardIds, await this.confirmedNow()));
    }
    // More may have ended meanwhile: their children are still to be listed.
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
   * AWS's time, for deciding about loss. When the last answer told another time than those before, further answers have
   * to confirm it first: this machine may have slept for a day, or the answer may be wrong.
   */
  async confirmedNow(signal = this.shutdown.signal): Promise<number> {
    const { awsTime } = this.context;
    for (let tries = 0; awsTime.isDoubtful && !signal.aborted && tries < MAX_CONFIRMATIONS; tries++) {
      try {
        await this.lister.list(signal);
      } catch (error) {
        // That the stream is gone is an answer, too.
        if (!signal.aborted && !hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      }
    }
    return awsTime.now();
  }
}
