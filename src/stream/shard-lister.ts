import { hasCode } from '../errors.js';
import type { Shard } from '../ports/index.js';
import type { Listing } from '../shards/adopt-listing.js';
import { type Describe, listShards, type ShardList } from './list-shards.js';
import type { StreamReaderContext, StreamReaderOptions } from './reader-context.js';

/** Milliseconds between two full listings while following. A shard closes after about 4 hours, or on a split. */
const INTERVAL = 30_000;
/** Milliseconds before each listing for the children of a shard that ended: they may be listed late. */
const CHILDREN_LATE = [100, 500, 1000, 2000, 4000];
/** With more parents than this, one full listing costs less than a filtered one each. */
const MAX_FILTERED = 10;

/** A listing; or ended shards of which no listing has shown a child in time. */
export type Listed = Listing | { readonly withoutChildren: readonly string[] };

/** Lists the shards of a stream: all of them from time to time, and the children of a shard as soon as it ended. */
export class ShardLister {
  readonly #context: StreamReaderContext;
  readonly #options: StreamReaderOptions;
  /** Listings in a row that lacked expected children. */
  #tries = 0;
  #isFilterRejected = false;
  /** Pages of the last full listing. */
  #pages = 1;
  #StreamStatus = '';
  /** Ends the wait for the next listing; undefined while that one is for children. */
  #wake: AbortController | undefined;
  #listing: Promise<ShardList> | undefined;

  constructor(context: StreamReaderContext, options: StreamReaderOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The full listing, now; concurrent calls share one. */
  list(signal: AbortSignal): Promise<ShardList> {
    const { StreamArn } = this.#options;
    this.#listing ??= listShards(this.#describe(signal), { StreamArn })
      .then((list) => {
        this.#pages = list.pages;
        this.#StreamStatus = list.StreamStatus;
        return list;
      })
      .finally(() => {
        this.#listing = undefined;
      });
    return this.#listing;
  }

  /** Children of one more shard are expected. */
  listSoon(): void {
    this.#tries = 0;
    this.#wake?.abort();
  }

  /**
   * Lists repeatedly until the signal aborts; with `once`, only while children are expected. Each listing has to be
   * adopted before the next one is requested. Rejects as DescribeStream does.
   *
   * @param expectingChildren ShardIds; changed by whoever adopts the listings.
   */
  async *listings(signal: AbortSignal, expectingChildren: ReadonlySet<string>): AsyncGenerator<Listed, void> {
    while (!signal.aborted) {
      if (await this.#isCutShort(signal, expectingChildren.size > 0)) continue;
      yield await this.#listFor([...expectingChildren], signal);
      if (expectingChildren.size > 0 && ++this.#tries >= CHILDREN_LATE.length) {
        yield { withoutChildren: [...expectingChildren] };
        this.#tries = 0;
      }
    }
  }

  /** Waits until the next listing is due. True when the wait was cut short. */
  async #isCutShort(signal: AbortSignal, isExpecting: boolean): Promise<boolean> {
    const wake = new AbortController();
    this.#wake = isExpecting ? undefined : wake;
    // 10 DescribeStream calls a second are allowed (API_streams_DescribeStream); listing takes a tenth of that at most.
    const regular = this.#options.once ? INTERVAL * 1000 : Math.max(INTERVAL, this.#pages * 1000);
    const wait = isExpecting ? (CHILDREN_LATE[this.#tries] ?? INTERVAL) : regular;
    await this.#context.clock.sleep(wait, AbortSignal.any([signal, wake.signal]));
    return signal.aborted || wake.signal.aborted;
  }

  async #listFor(parents: readonly string[], signal: AbortSignal): Promise<Listing> {
    const isFiltered = parents.length > 0 && parents.length <= MAX_FILTERED && this.#pages > 1;
    if (isFiltered && !this.#isFilterRejected && this.#tries === 0) {
      const shards = await this.#listChildren(parents, signal);
      if (shards !== undefined) return { shards, whole: false, StreamStatus: this.#StreamStatus };
    }
    return { ...(await this.list(signal)), whole: true };
  }

  /** Undefined where the server does not support the filter. */
  async #listChildren(parents: readonly string[], signal: AbortSignal): Promise<readonly Shard[] | undefined> {
    const describe = this.#describe(signal);
    const inputs = parents.map((ShardId) => {
      return { StreamArn: this.#options.StreamArn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId } } as const;
    });
    try {
      const lists = await Promise.all(inputs.map((input) => listShards(describe, input)));
      // A server that ignores the filter returns every shard each time.
      const shards = lists.flatMap((list) => list.shards);
      return [...new Map(shards.map((shard) => [shard.ShardId, shard])).values()];
    } catch (error) {
      if (!hasCode(error, 'VALIDATION')) throw error;
      this.#isFilterRejected = true;
      return undefined;
    }
  }

  #describe(signal: AbortSignal): Describe {
    const { retrier, streams } = this.#context;
    return (input) => retrier.attempt('DescribeStream', () => streams.describeStream(input, signal), signal);
  }
}
