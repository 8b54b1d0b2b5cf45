import { hasCode } from '../errors.js';
import type { Clock, Log, Shard, StreamsClient } from '../ports/index.js';
import { type Describe, listChildren, listShards, type ShardList } from './list-shards.js';
import type { Retrier } from './retry.js';

/** Milliseconds between two full listings while following. A shard closes after about 4 hours, or on a split. */
const INTERVAL = 30_000;
/** Waits before looking again for the children of a shard that ended: they may be listed late. */
const CHILDREN_LATE = [100, 500, 1000, 2000, 4000];
/** With more parents than this, one full listing costs less than a filtered one each. */
const MOST_FILTERED = 10;

/** Finds the stream's shards: a full listing now and then, and the children of a shard as soon as it ended. */
export class Discovery {
  readonly #tools: { streams: StreamsClient; clock: Clock; log: Log; retrier: Retrier };
  readonly #StreamArn: string;
  readonly #onShards: (shards: readonly Shard[], whole: boolean) => void;
  readonly #childless = new Set<string>();
  #tries = 0;
  #filterRejected = false;
  #last: ShardList | undefined;
  /** It was switched off when it was first listed: its last shards are not that new that they may be listed late. */
  #offFromTheStart: boolean | undefined;
  #wake = new AbortController();
  #refreshing: Promise<ShardList> | undefined;

  constructor(
    tools: { streams: StreamsClient; clock: Clock; log: Log; retrier: Retrier },
    StreamArn: string,
    onShards: (shards: readonly Shard[], whole: boolean) => void,
  ) {
    this.#tools = tools;
    this.#StreamArn = StreamArn;
    this.#onShards = onShards;
  }

  /** The stream was switched off: its shards close and get no children. */
  get disabled(): boolean {
    return this.#last?.StreamStatus === 'DISABLED';
  }

  /** Children of ended shards are still being looked for. */
  get expecting(): boolean {
    return this.#childless.size > 0;
  }

  /** The whole list, now; calls at the same time share one. */
  refresh(signal: AbortSignal): Promise<ShardList> {
    this.#refreshing ??= listShards(this.#describe(signal), this.#StreamArn)
      .then((list) => {
        this.#last = list;
        this.#offFromTheStart ??= this.disabled;
        return list;
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  /** A shard has ended and nothing descends from it yet. */
  expectChildren(ShardId: string): void {
    if (this.#offFromTheStart === true) return;
    this.#tries = 0;
    if (!this.expecting) this.#wake.abort();
    this.#childless.add(ShardId);
  }

  /** Children of this ended shard are still being looked for. */
  expectsChildrenOf(ShardId: string): boolean {
    return this.#childless.has(ShardId);
  }

  foundChildren(ShardId: string): void {
    this.#childless.delete(ShardId);
  }

  /**
   * Lists until the signal aborts. With `once`, only while children are expected. `onChildless` is told of ended shards
   * none of whose children is listed. Rejects as DescribeStream and `onChildless` do.
   */
  async run(
    signal: AbortSignal,
    once: boolean,
    onPass: () => void,
    onChildless: (ShardIds: readonly string[]) => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const wait = this.expecting
        ? (CHILDREN_LATE[this.#tries] ?? INTERVAL)
        : once
          ? INTERVAL * 1000
          : this.#interval();
      await this.#tools.clock.sleep(wait, AbortSignal.any([signal, this.#wake.signal]));
      if (signal.aborted) return;
      if (this.#wake.signal.aborted) continue;
      await this.#look(signal);
      if (this.expecting && ++this.#tries >= CHILDREN_LATE.length) await this.#giveUp(onChildless);
      onPass();
    }
  }

  #interval(): number {
    // 10 DescribeStream calls a second are allowed (API_streams_DescribeStream); listing takes a tenth of that at most.
    return Math.max(INTERVAL, (this.#last?.pages ?? 1) * 1000);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const parents = [...this.#childless];
    const filtered = parents.length > 0 && parents.length <= MOST_FILTERED && (this.#last?.pages ?? 1) > 1;
    if (filtered && !this.#filterRejected && this.#tries === 0) {
      const shards = await this.#listChildren(parents, signal);
      if (shards !== undefined) {
        this.#onShards(shards, false);
        return;
      }
    }
    this.#onShards((await this.refresh(signal)).shards, true);
  }

  /** Undefined where the server does not know the filter. */
  async #listChildren(parents: readonly string[], signal: AbortSignal): Promise<readonly Shard[] | undefined> {
    const describe = this.#describe(signal);
    try {
      const lists = await Promise.all(parents.map((ShardId) => listChildren(describe, this.#StreamArn, ShardId)));
      // A server that ignores the filter gives every shard each time.
      const shards = lists.flatMap((list) => list.shards);
      return [...new Map(shards.map((shard) => [shard.ShardId, shard])).values()];
    } catch (error) {
      if (!hasCode(error, 'VALIDATION')) throw error;
      this.#filterRejected = true;
      return undefined;
    }
  }

  #describe(signal: AbortSignal): Describe {
    const { retrier, streams } = this.#tools;
    return (input) => retrier.attempt('DescribeStream', () => streams.describeStream(input, signal), signal);
  }

  async #giveUp(onChildless: (ShardIds: readonly string[]) => Promise<void>): Promise<void> {
    // More may end meanwhile: their children are still to be looked for.
    const givenUp = [...this.#childless];
    // Shards that a stream closes when it is switched off have none.
    if (!this.disabled) {
      this.#tools.log.warn(
        { event: 'shard.childless', shards: givenUp.length },
        'ended shards without listed children',
      );
      await onChildless(givenUp);
    }
    for (const ShardId of givenUp) this.#childless.delete(ShardId);
    this.#tries = 0;
  }
}
