import { hasCode } from '../errors.js';
import type { Heartbeat } from '../ports/index.js';
import { adoptAtLatest, adoptListing, releaseStuck } from '../shards/adopt-listing.js';
import { onNoShards, onStreamGone } from '../shards/lost-shards.js';
import { ShardGraph } from '../shards/shard-graph.js';
import { countShards, heartbeatOf, type ShardCounts } from '../shards/shard-report.js';
import { Coordinator } from './coordinator.js';
import { readShard } from './read-shard.js';
import type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';

export type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';

/**
 * Why the reading ended: `caught-up` (once), `drained` (the stream is switched off and read to its end), `gone` (the
 * stream exists no more), `stopped` (the signal).
 */
export type StreamEnd = 'caught-up' | 'drained' | 'gone' | 'stopped';

/** Milliseconds by which `AwsTime` may be behind: a Date has whole seconds, and the answer took its time. */
const MAX_BEHIND = 2000;

/** Reads every shard of one stream, parents before children, and hands each page on. */
export class StreamReader {
  readonly #context: StreamReaderContext;
  readonly #options: StreamReaderOptions;
  readonly #graph: ShardGraph;

  constructor(context: StreamReaderContext, options: StreamReaderOptions) {
    this.#context = context;
    this.#options = options;
    const { awsTime } = context;
    // The start of the run, and not a moment before it: what AWS's clock says may be behind.
    this.#graph = new ShardGraph(options, awsTime.now() + (awsTime.isKnown ? MAX_BEHIND : 0));
  }

  /** Reads until there is a reason to end. Rejects with the error that made going on impossible. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    const run = new Coordinator(this.#context, this.#options, this.#graph, signal);
    const { queue, shutdown } = run;
    try {
      await this.#begin(run);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      shutdown.streamGone();
      await this.#checkTimes(run);
    }
    const wake = () => run.wake();
    shutdown.signal.addEventListener('abort', wake);
    const listing = run.keepListing();
    const end = await this.#readAll(run);
    shutdown.end();
    queue.disarm();
    await listing;
    shutdown.signal.removeEventListener('abort', wake);
    if (typeof end === 'object') throw end.error;
    // Only now that nothing is read or written any more.
    if (end === 'gone') await run.apply(onStreamGone(this.#graph, await run.confirmedNow(signal)));
    return end;
  }

  /** How the shards stand. */
  shards(): ShardCounts {
    return countShards(this.#graph);
  }

  /**
   * What may be said of all shards at once, so that idle shards cost no journal line each. Ended shards that it says to
   * be dropped are dropped here, too; none when it is in doubt what time it is.
   */
  heartbeat(): Omit<Heartbeat, 'getRecordsCalls'> {
    const { awsTime } = this.#context;
    const heartbeat = heartbeatOf(this.#graph, awsTime.now());
    const dropped = awsTime.isKnown && !awsTime.isDoubtful ? this.#graph.drop(awsTime.now()) : [];
    return dropped.length > 0 ? { ...heartbeat, dropped } : heartbeat;
  }

  async #begin(run: Coordinator): Promise<void> {
    const { from, known } = this.#options;
    const list = await run.lister.list(run.shutdown.signal);
    await this.#checkTimes(run);
    if (list.shards.length === 0) await run.apply(onNoShards(this.#graph, await run.confirmedNow()));
    const adopt = from === 'latest' && known.size === 0 ? adoptAtLatest : adoptListing;
    await run.applyInSlices(adopt(this.#graph, { ...list, whole: true }, this.#context.awsTime.now()));
  }

  /** AWS has answered, and told its time. */
  #checkTimes(run: Coordinator): Promise<void> {
    const { awsTime, clock } = this.#context;
    const moment = { now: awsTime.now(), isKnown: awsTime.isKnown, machineNow: clock.now() };
    return run.apply(this.#graph.known.checkTimes(moment));
  }

  /** Reads what is due as far as there is room, until there is nothing more to do. */
  async #readAll(run: Coordinator): Promise<StreamEnd | { error: unknown }> {
    const { budget, queue, shutdown } = run;
    for (;;) {
      const woken = run.woken();
      while (!shutdown.signal.aborted && budget.hasRoom()) {
        const shard = queue.take();
        if (shard === undefined) {
          queue.arm(() => run.wake());
          break;
        }
        void readShard(run, shard);
      }
      const end = budget.isIdle() ? await this.#end(run) : undefined;
      if (end !== undefined) return end;
      await woken;
    }
  }

  async #end(run: Coordinator): Promise<StreamEnd | { error: unknown } | undefined> {
    const { queue, shutdown } = run;
    const { expectingChildren, isDisabled, unfinished } = this.#graph;
    if (shutdown.failure !== undefined) return shutdown.failure;
    if (shutdown.isStreamGone) return 'gone';
    if (shutdown.signal.aborted) return 'stopped';
    if (unfinished.size > 0) {
      if (queue.length > 0) return undefined;
      await run.apply(releaseStuck(this.#graph));
      run.wake();
      if (unfinished.size > 0) return undefined;
    }
    if (expectingChildren.size > 0) return undefined;
    if (this.#options.once) return 'caught-up';
    return isDisabled ? 'drained' : undefined;
  }
}
