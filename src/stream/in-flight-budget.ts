import { pageMemory, UNREAD } from './page-memory.js';

/**
 * Bytes of memory for the pages that are in flight or being written, over all shards: seven pages of 1,000 records of 600
 * bytes. A core archives less than a hundred of those in a second, so more would only wait.
 */
const MAX_MEMORY = 28 * 1024 * 1024;

/** What a page counts for before one was seen: it may be a full one. */
const FULL_PAGE = pageMemory(UNREAD, 1024 * 1024);

/** With several streams: what those that have something in flight may use. The rest is for a stream that has nothing. */
const SHARED = 3 / 4;

/** Bytes of memory. A stream that has nothing in flight may always request a page that is expected to be as small. */
const SMALL_PAGE = pageMemory(UNREAD, 64 * 1024);

// From here on all bytes are those of memory (`pageMemory`).

/** A response that waits for room before it is read. */
interface Response {
  readonly share: BudgetShare;
  readonly bytes: number;
  readonly resolve: () => void;
}

/**
 * Calls and pages in flight over all shards of all streams that a process reads. It bounds the memory, and is fair:
 * room goes to the stream that has the fewest pages in flight, and some is kept for one that has none, so that a stream
 * with a backlog does not delay the others.
 */
export class InFlightBudget {
  readonly #concurrency: number;
  readonly #shares = new Set<BudgetShare>();
  /** Streams that have a shard to read and found no room; first the one that has waited longest since its last page. */
  readonly #waiting = new Set<BudgetShare>();
  #responses: Response[] = [];
  #pages = 0;
  #memory = 0;
  /** What has come of `#memory`, and is not only expected. */
  #present = 0;
  #usualPage = FULL_PAGE;

  /** @param concurrency Shards being read and pages being written, together. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** The part of one more stream. `onRoom` is called when there may be room after `waitForRoom`. */
  share(onRoom: () => void): BudgetShare {
    const share = new BudgetShare(this, onRoom);
    this.#shares.add(share);
    return share;
  }

  hasRoom(share: BudgetShare, expectedBytes = this.#usualPage): boolean {
    const next = this.#nextWaiting();
    const isOthersTurn = next !== undefined && next !== share && next.pages <= share.pages;
    return !isOthersTurn && this.#mayRequest(share, expectedBytes);
  }

  waitForRoom(share: BudgetShare, isWaiting: boolean): void {
    if (isWaiting) this.#waiting.add(share);
    else if (this.#waiting.delete(share)) this.#callNext();
  }

  leave(share: BudgetShare): void {
    this.#shares.delete(share);
    this.waitForRoom(share, false);
    this.#callNext();
  }

  addPages(count: 1 | -1): void {
    this.#pages += count;
    if (count < 0) this.#callNext();
  }

  /** Reserves bytes for a page, and returns them. */
  expect(bytes = this.#usualPage): number {
    this.#memory += bytes;
    return bytes;
  }

  unexpect(bytes: number): void {
    this.#memory -= bytes;
    this.#admitWaiting();
  }

  learn(firstPageBytes: number): void {
    this.#usualPage = firstPageBytes;
  }

  /** A response that is little longer than expected does not wait. */
  async admit(share: BudgetShare, bytes: number): Promise<void> {
    if (bytes <= SMALL_PAGE || (this.#responses.length === 0 && this.#fits(bytes))) this.hold(bytes);
    else await new Promise<void>((resolve) => void this.#responses.push({ share, bytes, resolve }));
  }

  hold(bytes: number): void {
    this.#memory += bytes;
    this.#present += bytes;
  }

  release(bytes: number): void {
    this.#memory -= bytes;
    this.#present -= bytes;
    this.#admitWaiting();
  }

  #mayRequest({ pages }: BudgetShare, expectedBytes: number): boolean {
    if (this.#shares.size === 1) return this.#pages < this.#concurrency && this.#memory < MAX_MEMORY;
    if (pages === 0)
      return this.#pages < this.#concurrency && (expectedBytes <= SMALL_PAGE || this.#memory < MAX_MEMORY);
    // A long response would wait forever if others took the room that it waits for.
    if (this.#responses.length > 0) return false;
    return this.#pages < this.#concurrency * SHARED && this.#memory < MAX_MEMORY * SHARED;
  }

  /** The one with the fewest pages; of several, the one that has waited longest. */
  #nextWaiting(): BudgetShare | undefined {
    let next: BudgetShare | undefined;
    for (const share of this.#waiting) if (next === undefined || share.pages < next.pages) next = share;
    return next;
  }

  #callNext(): void {
    this.#nextWaiting()?.onRoom();
  }

  /** One response always may be read, so that responses do not wait for each other. */
  #fits(bytes: number): boolean {
    return this.#present === 0 || this.#memory + bytes <= MAX_MEMORY;
  }

  #admitWaiting(): void {
    // The sort is stable: the responses of one stream, and of streams with as many pages, stay in the order in which they came.
    if (this.#shares.size > 1) this.#responses = this.#responses.toSorted((a, b) => a.share.pages - b.share.pages);
    for (let next = this.#responses[0]; next !== undefined && this.#fits(next.bytes); next = this.#responses[0]) {
      this.#responses.shift();
      this.hold(next.bytes);
      next.resolve();
    }
    this.#callNext();
  }
}

/** What one stream has of the budget. */
export class BudgetShare {
  readonly #budget: InFlightBudget;
  readonly onRoom: () => void;
  /** Shards that are being read; each has at most one call in flight that was not sent ahead. */
  #reading = 0;
  /** Pages that are being written. */
  #writing = 0;

  constructor(budget: InFlightBudget, onRoom: () => void) {
    this.#budget = budget;
    this.onRoom = onRoom;
  }

  /** Pages that are being read or written. */
  get pages(): number {
    return this.#reading + this.#writing;
  }

  /** One more page may be requested, which is expected to have so many bytes. */
  hasRoom(expectedBytes?: number): boolean {
    return this.#budget.hasRoom(this, expectedBytes);
  }

  /** True: a shard has to be read and there is no room. `onRoom` is called for each page that ends, until it is false. */
  waitForRoom(isWaiting: boolean): void {
    this.#budget.waitForRoom(this, isWaiting);
  }

  /** Nothing more will be read. */
  leave(): void {
    this.#budget.leave(this);
  }

  isIdle(): boolean {
    return this.pages === 0;
  }

  startReading(): void {
    this.#reading++;
    this.#budget.addPages(1);
    // If there is more to read, it goes to the end of those that wait.
    this.#budget.waitForRoom(this, false);
  }

  endReading(): void {
    this.#reading--;
    this.#budget.addPages(-1);
  }

  startWriting(bytes: number): void {
    this.#writing++;
    this.#budget.addPages(1);
    this.#budget.hold(bytes);
  }

  endWriting(bytes: number): void {
    this.#writing--;
    this.#budget.addPages(-1);
    this.release(bytes);
  }

  /** Reserves room for a page, for a shard's first one as much as another shard's first page took. Returns the bytes. */
  expect(lastPageBytes: number | undefined): number {
    return this.#budget.expect(lastPageBytes);
  }

  /** The page that room was reserved for has come, or failed. */
  unexpect(bytes: number): void {
    this.#budget.unexpect(bytes);
  }

  /** The first page of a shard has come. */
  learn(firstPageBytes: number): void {
    this.#budget.learn(firstPageBytes);
  }

  /**
   * A response is so many bytes longer than expected, as those of idle shards are that all burst at once. Resolves when
   * they may be read.
   */
  async admit(bytes: number): Promise<void> {
    if (bytes > 0) await this.#budget.admit(this, bytes);
  }

  /** Admitted bytes are no longer in memory. */
  release(bytes: number): void {
    this.#budget.release(bytes);
  }
}
