import { hasCode } from '../errors.js';
import type { Shard } from '../ports/index.js';
import type { Listing } from '../shards/adopt-listing.js';
import { type Describe, listChildren, listShards, type ShardList } from './list-shards.js';
import type { StreamReaderContext } from './reader-context.js';

/** Milliseconds between two full listings while following. A shard closes after about 4 hours, or on a split. */
const INTERVAL = 30_000;
/** Milliseconds before each listing that looks for the children of a shard that ended: they may be listed late. */
const CHILDREN_LATE = [100, 500, 1000, 2000, 4000];
/** With more parents than this, one full listing costs less than a filtered one each. */
const MAX_FILTERED = 10;

/** A listing; or shards that have ended and whose children were looked for in vain. */
export type Listed = Listing | { readonly withoutChildren: readonly string[] };

/** Lists the shards of a stream: all of them now and then, and the children of a shard as soon as it ended. */
export class ShardLister {
  readonly #context: Pick<StreamReaderContext, 'streams' | 'clock' | 'retrier'>;
  readonly #StreamArn: string;
  #tries = 0;
  #isFilterRejected = false;
  /** Pages of the last full listing. */
  #pages = 1;
  #StreamStatus = '';
  /** Cuts the wait for the next listing short; undefined while that one looks for children. */
  #wake: AbortController | undefined;
  #listing: Promise<ShardList> | undefined;

  constructor(context: Pick<StreamReaderContext, 'streams' | 'clock' | 'retrier'>, StreamArn: string) {
    this.#context = context;
    this.#StreamArn = StreamArn;
  }

  /** The whole list, now; calls at the same time share one. */
  list(signal: AbortSignal): Promise<ShardList> {
    this.#listing ??= listShards(this.#describe(signal), this.#StreamArn)
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
   * Lists again and again until the signal aborts; with `once`, only while children are expected. What it gives has to be
   * taken in before the next one is asked for. Rejects as DescribeStream does.
   *
   * @param expectingChildren ShardIds; changed by whoever takes the listings in.
   */
  async *listings(
    signal: AbortSignal,
    once: boolean,
    expectingChildren: ReadonlySet<string>,
  ): AsyncGenerator<Listed, void> {
    while (!signal.aborted) {
      if (await this.#isCutShort(signal, once, expectingChildren.size > 0)) continue;
      yield await this.#listFor([...expectingChildren], signal);
      if (expectingChildren.size > 0 && ++this.#tries >= CHILDREN_LATE.length) {
        yield { withoutChildren: [...expectingChildren] };
        this.#tries = 0;
      }
    }
  }

  /** Waits until the next listing is due. Gives whether the wait was cut short. */
  async #isCutShort(signal: AbortSignal, once: boolean, isExpecting: boolean): Promise<boolean> {
    const wake = new AbortController();
    this.#wake = isExpecting ? undefined : wake;
    const regular = once ? INTERVAL * 1000 : this.#interval();
    const wait = isExpecting ? (CHILDREN_LATE[this.#tries] ?? INTERVAL) : regular;
    await this.#context.clock.sleep(wait, AbortSignal.any([signal, wake.signal]));
    return signal.aborted || wake.signal.aborted;
  }

  #interval(): number {
    // 10 DescribeStream calls a second are allowed (API_streams_DescribeStream); listing takes a tenth of that at most.
    return Math.max(INTERVAL, this.#pages * 1000);
  }

  async #listFor(parents: readonly string[], signal: AbortSignal): Promise<Listing> {
    const isFiltered = parents.length > 0 && parents.length <= MAX_FILTERED && this.#pages > 1;
    if (isFiltered && !this.#isFilterRejected && this.#tries === 0) {
      const shards = await this.#listChildren(parents, signal);
      if (shards !== undefined) return { shards, whole: false, StreamStatus: this.#StreamStatus };
    }
    return { ...(await this.list(signal)), whole: true };
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
      this.#isFilterRejected = true;
      return undefined;
    }
  }

  #describe(signal: AbortSignal): Describe {
    const { retrier, streams } = this.#context;
    return (input) => retrier.attempt('DescribeStream', () => streams.describeStream(input, signal), signal);
  }
}
