import { hasCode } from '../errors.js';
import type { Heartbeat } from '../ports/index.js';
import { Load } from './load.js';
import { Halt, type StreamReaderOptions, type StreamReaderTools } from './reading.js';
import { ShardFaults } from './shard-faults.js';
import { ShardReader } from './shard-reader.js';
import { StreamShards } from './stream-shards.js';

export type { StreamReaderOptions, StreamReaderTools } from './reading.js';

/**
 * Why the reading ended: `caught-up` (once), `drained` (the stream is switched off and read to its end), `gone` (the
 * stream exists no more), `stopped` (the signal).
 */
export type StreamEnd = 'caught-up' | 'drained' | 'gone' | 'stopped';

/** Milliseconds by which `AwsTime` may be behind: a Date has whole seconds, and the answer took its time. */
const MOST_BEHIND = 2000;

/** Reads every shard of one stream, parents before children, and hands each page on. */
export class StreamReader {
  readonly #tools: StreamReaderTools;
  readonly #options: StreamReaderOptions;
  readonly #shards: StreamShards;
  readonly #faults: ShardFaults;
  readonly #load: Load;
  #halt = new Halt(new AbortController().signal);
  #reader: ShardReader | undefined;
  #over = false;
  #settle: (end: StreamEnd | { error: unknown }) => void = () => {};

  constructor(tools: StreamReaderTools, options: StreamReaderOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#shards = new StreamShards(tools, options, () => this.#pump());
    this.#faults = new ShardFaults(tools, options, this.#shards);
    this.#load = new Load(options.concurrency);
  }

  /** Reads until there is a reason to end. Rejects with the error that made going on impossible. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    const halt = new Halt(signal);
    this.#halt = halt;
    const pump = () => this.#pump();
    this.#reader = this.#shardReader(halt, pump);
    const { discovery, due } = this.#shards;
    try {
      const { shards } = await discovery.refresh(halt.signal);
      await this.#shards.recall();
      if (shards.length === 0) await this.#faults.onNoShards(signal);
      await this.#shards.begin(shards);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (!hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      await this.#shards.recall();
      await this.#faults.onStreamGone(signal);
      return 'gone';
    }
    const ended = new Promise<StreamEnd | { error: unknown }>((resolve) => {
      this.#settle = resolve;
    });
    halt.signal.addEventListener('abort', pump);
    const discovering = discovery
      .run(halt.signal, this.#options.once, pump, (ShardIds) => this.#faults.onChildless(ShardIds, halt.signal))
      .catch((error: unknown) => this.#faults.onListingFailed(error, halt));
    pump();
    const end = await ended;
    halt.end();
    due.disarm();
    await discovering;
    halt.signal.removeEventListener('abort', pump);
    if (typeof end === 'object') throw end.error;
    // Only now that nothing is read or written any more.
    if (end === 'gone') await this.#faults.onStreamGone(signal);
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

  #shardReader(halt: Halt, onEnd: () => void): ShardReader {
    return new ShardReader({
      tools: this.#tools,
      options: this.#options,
      shards: this.#shards,
      faults: this.#faults,
      load: this.#load,
      startedAt: this.#startedAt(),
      halt,
      onEnd,
    });
  }

  /** The start of the run, and not a moment before it: what AWS's clock says may be behind. */
  #startedAt(): number {
    const { awsTime } = this.#tools;
    return awsTime.now() + (awsTime.isKnown ? MOST_BEHIND : 0);
  }

  /** Reads what is due as far as there is room, and ends when there is nothing more to do. */
  #pump(): void {
    if (this.#over) return;
    const { due } = this.#shards;
    if (!this.#halt.signal.aborted) {
      while (this.#load.hasRoom()) {
        const progress = due.take();
        if (progress === undefined) break;
        void this.#reader?.read(progress);
      }
      if (this.#load.hasRoom()) due.arm();
    }
    if (!this.#load.isIdle()) return;
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
}
