import { openSegmentFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { type Batcher, createBatcher } from '../lib/batcher.js';
import type {
  ArchivedItem,
  Clock,
  Disk,
  Format,
  ItemEntry,
  ItemStore,
  SegmentLength,
  Written,
} from '../ports/index.js';
import { emptyTemporaryFolder } from './empty-temporary-folder.js';
import { recoverSegments } from './recover-segments.js';
import { batchesOf, type SegmentBatch } from './segment-batch.js';
import { nextDue, SegmentSet } from './segment-set.js';

/** Milliseconds between two looks for segments whose time is over: a segment begun meanwhile may be due first. */
const LONGEST_SLEEP = 300_000;
const SHORTEST_SLEEP = 1_000;

export interface SegmentStoreOptions {
  /** The archive folder. */
  readonly directory: string;
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
  /** Stored bytes after which the next segment begins. */
  readonly segmentSize: number;
  /** The journal's: final path → committed length. */
  readonly openSegments: ReadonlyMap<string, number>;
}

interface Page {
  readonly parts: readonly SegmentBatch[];
  readonly commit: (written: Written) => Promise<void>;
  /** Set by the flush that made the page durable. */
  committed: Promise<void>;
}

/**
 * `--layout segments`: pages are appended to the segment of the hour of the deletion. One sync makes all the pages that
 * wait at that moment durable. A segment gets its final name when it is full, when its hour is over, and at the end.
 *
 * @throws TtlArchiveError JOURNAL when committed bytes are missing, DISK. After a failed `write` the store takes nothing
 * more; opening the archive again cuts off what was not committed.
 */
export async function openSegmentStore(
  tools: { disk: Disk; clock: Clock },
  options: SegmentStoreOptions,
): Promise<ItemStore> {
  const archive = { disk: tools.disk, directory: options.directory };
  await emptyTemporaryFolder(tools.disk, options.directory);
  await tools.disk.makeDirectory(openSegmentFolder(options.directory));
  const closed = await recoverSegments(archive, options.openSegments);
  return new SegmentStore(tools, options, closed);
}

class SegmentStore implements ItemStore {
  readonly #clock: Clock;
  readonly #options: SegmentStoreOptions;
  readonly #segments: SegmentSet;
  /** Closed since the last commit: the next one tells the journal. */
  #closed: SegmentLength[];
  readonly #batcher: Batcher<Page | undefined> = createBatcher((pages) => this.#flush(pages));
  readonly #commits = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #ticking = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(tools: { disk: Disk; clock: Clock }, options: SegmentStoreOptions, closed: SegmentLength[]) {
    this.#clock = tools.clock;
    this.#options = options;
    this.#closed = closed;
    const { directory, compress, segmentSize } = options;
    this.#segments = new SegmentSet(tools, {
      directory,
      segmentSize,
      extension: compress === 'gzip' ? '.json.gz' : '.json',
    });
  }

  async write(
    items: readonly ArchivedItem[],
    commit: (written: Written) => Promise<void>,
    turn?: Promise<void>,
  ): Promise<void> {
    if (this.#end.signal.aborted) throw new TtlArchiveError('INTERNAL', 'The store of segments is closed.');
    const page: Page = { parts: await batchesOf(items, this.#options), commit, committed: Promise.resolve() };
    await turn;
    await this.#batcher.add(page);
    await page.committed;
  }

  async close(): Promise<readonly SegmentLength[]> {
    this.#end.abort();
    await this.#batcher.idle();
    await this.#settleCommits();
    if (this.#broken !== undefined) {
      // What is committed of the open segments is not known here: the next opening asks the journal.
      await this.#segments.abandon();
      throw this.#broken.error;
    }
    const closed = [...this.#closed, ...(await this.#segments.closeAll())];
    this.#closed = [];
    return closed;
  }

  /** Appends, syncs, and then calls each page's `commit` in the order of the appended bytes. */
  async #flush(pages: readonly (Page | undefined)[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken.error;
    try {
      await this.#closeFinished();
      const written: { page: Page; written: Written }[] = [];
      for (const page of pages) if (page !== undefined) written.push({ page, written: await this.#append(page.parts) });
      await this.#segments.sync();
      for (const { page, written: facts } of written) this.#commit(page, facts);
    } catch (error) {
      this.#broken ??= { error };
      await this.#segments.cutBack();
      throw error;
    }
    // A full segment does not wait for the next page to get its final name.
    if (this.#segments.hasFinished()) void this.#nudge();
    void this.#tick();
  }

  async #append(parts: readonly SegmentBatch[]): Promise<Written> {
    const items: ItemEntry[] = [];
    const segments = new Map<string, SegmentLength>();
    for (const part of parts) {
      const { file, offset, length } = await this.#segments.append(part);
      for (const { index, entry } of part.entriesAt(file, offset)) items[index] = entry;
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
    const settled = page.committed.then(
      () => void this.#commits.delete(settled),
      () => void this.#commits.delete(settled),
    );
    this.#commits.add(settled);
  }

  /** A segment may be closed only when all of its bytes are committed: it never changes again. */
  async #closeFinished(): Promise<void> {
    if (!this.#segments.hasFinished()) return;
    await this.#settleCommits();
    if (this.#broken !== undefined) throw this.#broken.error;
    this.#closed.push(...(await this.#segments.closeFinished()));
  }

  async #settleCommits(): Promise<void> {
    await Promise.all(this.#commits);
  }

  /** A flush without a page. An error is kept, and thrown by the next `write` or by `close`. */
  #nudge(): Promise<void> {
    return this.#batcher.add(undefined).catch(() => undefined);
  }

  /** Closes segments whose hour is over also while nothing is written. */
  async #tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    for (;;) {
      const due = nextDue(this.#segments.open());
      if (due === undefined || this.#end.signal.aborted || this.#broken !== undefined) break;
      const wait = Math.min(Math.max(due - this.#clock.now(), SHORTEST_SLEEP), LONGEST_SLEEP);
      await this.#clock.sleep(wait, this.#end.signal);
      if (!this.#end.signal.aborted) await this.#nudge();
    }
    this.#ticking = false;
  }
}
