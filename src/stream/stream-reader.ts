import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../errors.js';
import { SLICE } from '../lib/in-slices.js';
import type { Heartbeat } from '../ports/index.js';
import { adoptAtLatest, adoptListing, releaseStuck } from '../shards/adopt-listing.js';
import { onNoShards, onStreamGone } from '../shards/lost-shards.js';
import { countShards, heartbeatOf, type ShardCounts } from '../shards/shard-report.js';
import { Coordinator } from './coordinator.js';
import { expectedMemory } from './page-memory.js';
import { readShard } from './read-shard.js';
import type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';

export type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';

/**
 * Why the reading ended: `caught-up` (once), `drained` (the stream is switched off and read to its end), `gone` (the
 * stream no longer exists), `stopped` (the signal).
 */
export type StreamEnd = 'caught-up' | 'drained' | 'gone' | 'stopped';

/** Reads every shard of one stream, parents before children, and hands each page on. */
export class StreamReader {
  readonly #run: Coordinator;
  #isListed = false;

  constructor(context: StreamReaderContext, options: StreamReaderOptions) {
    this.#run = new Coordinator(context, options);
  }

  /** Reads, once, until there is a reason to end. Rejects with the error that ended the reading. */
  async run(): Promise<StreamEnd> {
    try {
      return await this.#read();
    } finally {
      this.#run.budget.leave();
    }
  }

  async #read(): Promise<StreamEnd> {
    const run = this.#run;
    const { context, graph, queue, shutdown } = run;
    try {
      await this.#begin();
    } catch (error) {
      if (context.signal.aborted) return 'stopped';
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      shutdown.streamGone();
      await this.#checkTimes();
    }
    shutdown.signal.addEventListener('abort', run.wake, { once: true });
    const listing = run.keepListing();
    const end = await this.#readAll();
    shutdown.end();
    queue.disarm();
    await listing;
    if (shutdown.failure !== undefined) throw shutdown.failure.error;
    // Only now that nothing is read or written any more.
    if (end === 'gone') await run.apply(onStreamGone(graph, await run.confirmedNow(context.signal)));
    return end;
  }

  /** The first listing is done. */
  get isListed(): boolean {
    return this.#isListed;
  }

  shards(): ShardCounts {
    return countShards(this.#run.graph);
  }

  /**
   * One line about all shards, so that idle ones cost no journal line each. It also drops old ended shards, unless AWS's
   * time is in doubt.
   */
  heartbeat(): Omit<Heartbeat, 'getRecordsCalls'> {
    const { context, graph } = this.#run;
    const heartbeat = heartbeatOf(graph, context.awsTime.now());
    const now = this.#run.certainNow();
    const dropped = now === undefined ? [] : graph.drop(now);
    return dropped.length > 0 ? { ...heartbeat, dropped } : heartbeat;
  }

  async #begin(): Promise<void> {
    const run = this.#run;
    const { context, graph, options } = run;
    const list = await run.lister.list(run.shutdown.signal);
    await this.#checkTimes();
    if (list.shards.length === 0) await run.apply(onNoShards(graph, await run.confirmedNow()));
    const adopt = options.from === 'latest' && options.known.size === 0 ? adoptAtLatest : adoptListing;
    const effects = adopt(graph, { ...list, whole: true }, context.awsTime.now());
    // There may be very many. No shard is read yet, so that other work can get its turn in between.
    for (let start = 0; start < effects.length; start += SLICE) {
      if (start > 0) await setImmediate();
      await run.apply(effects.slice(start, start + SLICE));
    }
    this.#isListed = true;
  }

  /** After AWS's first response, which told its time. */
  #checkTimes(): Promise<void> {
    const { context, graph } = this.#run;
    const { awsTime, clock } = context;
    const moment = { now: awsTime.now(), isKnown: awsTime.isKnown, machineNow: clock.now() };
    return this.#run.apply(graph.known.checkTimes(moment));
  }

  /** Reads what is due as far as there is room, until there is nothing more to do. */
  async #readAll(): Promise<StreamEnd> {
    const { budget, queue, shutdown, wake } = this.#run;
    for (;;) {
      const woken = this.#run.woken();
      const due = () => (shutdown.signal.aborted ? undefined : queue.peek());
      let shard = due();
      for (; shard !== undefined && budget.hasRoom(expectedMemory(shard)); shard = due()) {
        queue.take();
        void readShard(this.#run, shard);
      }
      budget.waitForRoom(shard !== undefined);
      if (shard === undefined && !shutdown.signal.aborted) queue.arm(wake);
      const end = budget.isIdle() ? await this.#end() : undefined;
      if (end !== undefined) return end;
      await woken;
    }
  }

  /** Why there is nothing more to do; undefined when there is. */
  async #end(): Promise<StreamEnd | undefined> {
    const { graph, options, queue, shutdown } = this.#run;
    if (shutdown.isStreamGone) return 'gone';
    if (shutdown.signal.aborted) return 'stopped';
    if (graph.unfinished.size > 0) {
      if (queue.length > 0) return undefined;
      await this.#run.apply(releaseStuck(graph));
      this.#run.wake();
      if (graph.unfinished.size > 0) return undefined;
    }
    if (graph.expectingChildren.size > 0) return undefined;
    if (options.once) return 'caught-up';
    return graph.isDisabled ? 'drained' : undefined;
  }
}
