import { openSegmentFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { type Batcher, createBatcher } from '../lib/batcher.js';
import type {
  ArchivedItem,
  Clock,
  Disk,
  Format,
  ItemStore,
  SegmentLength,
  SegmentListener,
  Written,
} from '../ports/index.js';
import type { ItemLine } from './item-line.js';
import { batchesOf, type SegmentBatch } from './segment-batch.js';
import { nextDue, SegmentSet } from './segment-set.js';

/** Limits, in milliseconds, between checks for segments that are due: a segment begun meanwhile may be due first. */
const MAX_SLEEP = 300_000;
const MIN_SLEEP = 1_000;

export interface SegmentStoreOptions {
  /** The archive folder. */
  readonly directory: string;
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
  /** Stored bytes after which the next segment begins. */
  readonly segmentSize: number;
  /** When given, it records closed segments; otherwise the next commit does. */
  readonly listener?: SegmentListener | undefined;
  /** Items after which the next segment begins (default: 500,000). */
  readonly maxItems?: number | undefined;
}

interface Page {
  readonly batches: readonly SegmentBatch[];
  readonly commit: (written: Written) => Promise<void>;
  /** Set by the flush that made the page durable. */
  committed: Promise<void>;
}

/**
 * `--layout segments`: items are appended to the segment of the hour of their deletion. One sync makes all the pages
 * durable that wait at that moment. A segment gets its final name when it is full, when its hour is over, and at the end.
 * Segments that an earlier process left open are closed before, by `recoverSegments`.
 *
 * @throws TtlArchiveError DISK. After a failed `write` the store rejects all others; opening the archive again cuts off
 * what was not committed.
 */
export async function openSegmentStore(
  context: { disk: Disk; clock: Clock },
  options: SegmentStoreOptions,
): Promise<ItemStore> {
  const { disk } = context;
  await disk.makeDirectory(openSegmentFolder(options.directory));
  return new SegmentStore(context, options);
}

class SegmentStore implements ItemStore {
  readonly #clock: Clock;
  readonly #options: SegmentStoreOptions;
  readonly #segments: SegmentSet;
  /** Closed since the last commit, and not taken by a listener: the next one records them. */
  #closed: SegmentLength[] = [];
  readonly #batcher: Batcher<Page | undefined> = createBatcher((pages) => this.#flush(pages));
  readonly #commits = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #ticking = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(context: { disk: Disk; clock: Clock }, options: SegmentStoreOptions) {
    this.#clock = context.clock;
    this.#options = options;
    const extension = options.compress === 'gzip' ? '.json.gz' : '.json';
    this.#segments = new SegmentSet(context, { ...options, extension });
  }

  async write(
    items: readonly ArchivedItem[],
    commit: (written: Written) => Promise<void>,
    turn?: Promise<void>,
  ): Promise<void> {
    if (this.#end.signal.aborted) throw new TtlArchiveError('INTERNAL', 'The store of segments is closed.');
    const page: Page = { batches: await batchesOf(items, this.#options), commit, committed: Promise.resolve() };
    await turn;
    await this.#batcher.add(page);
    await page.committed;
  }

  async close(): Promise<readonly SegmentLength[]> {
    this.#end.abort();
    await this.#batcher.idle();
    await Promise.all(this.#commits);
    if (this.#broken !== undefined) {
      // How much of the open segments is committed is not known here; the next start gets it from the journal.
      await this.#segments.abandon();
      throw this.#broken.error;
    }
    this.#report(await this.#segments.closeAll());
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  /** Appends, syncs, then calls each page's `commit` in the order of the appended bytes. */
  async #flush(pages: readonly (Page | undefined)[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken.error;
    try {
      await this.#closeFinished();
      const written: { page: Page; written: Written }[] = [];
      for (const page of pages)
        if (page !== undefined) written.push({ page, written: await this.#append(page.batches) });
      await this.#segments.sync();
      for (const { page, written: facts } of written) this.#commit(page, facts);
    } catch (error) {
      this.#broken ??= { error };
      await this.#segments.cutBack();
      throw error;
    }
    // A full segment is closed at once, not with the next page.
    if (this.#segments.hasFinished()) void this.#nudge();
    void this.#tick();
  }

  async #append(batches: readonly SegmentBatch[]): Promise<Written> {
    const items: ItemLine[] = [];
    const segments = new Map<string, SegmentLength>();
    for (const batch of batches) {
      const { file, offset, length } = await this.#segments.append(batch);
      for (const { index, entry } of batch.entriesAt(file, offset)) items[index] = entry;
      segments.set(file, { file, length });
    }
    return { items, segments: [...segments.values()] };
  }

  #commit(page: Page, { items, segments = [] }: Written): void {
    const closed = this.#closed;
    this.#closed = [];
    const lengths = [...closed, ...segments];
    const run = async (): Promise<void> => page.commit({ items, ...(lengths.length > 0 && { segments: lengths }) });
    page.committed = run().catch((error: unknown) => {
      this.#broken ??= { error };
      throw error;
    });
    const settled = page.committed.catch(() => undefined).finally(() => this.#commits.delete(settled));
    this.#commits.add(settled);
  }

  /** A segment may be closed only when all its bytes are committed, because it never changes afterwards. */
  async #closeFinished(): Promise<void> {
    if (!this.#segments.hasFinished()) return;
    await Promise.all(this.#commits);
    if (this.#broken !== undefined) throw this.#broken.error;
    this.#report(await this.#segments.closeFinished());
  }

  #report(closed: readonly SegmentLength[]): void {
    const { listener } = this.#options;
    if (listener === undefined) this.#closed.push(...closed);
    else if (closed.length > 0) listener.closed(closed);
  }

  /** A flush without a page. Its error is thrown by the next `write` or by `close`. */
  #nudge(): Promise<void> {
    return this.#batcher.add(undefined).catch(() => undefined);
  }

  /** Closes segments whose hour is over while nothing is written. */
  async #tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    for (;;) {
      const due = nextDue(this.#segments.open());
      if (due === undefined || this.#end.signal.aborted || this.#broken !== undefined) break;
      const wait = Math.min(Math.max(due - this.#clock.now(), MIN_SLEEP), MAX_SLEEP);
      await this.#clock.sleep(wait, this.#end.signal);
      if (!this.#end.signal.aborted) await this.#nudge();
    }
    this.#ticking = false;
  }
}
