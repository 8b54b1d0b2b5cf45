/** GetRecords answers with at most 1 MB (API_streams_GetRecords): what a page counts for before one was seen. */
const FULL_PAGE = 1024 * 1024;

/**
 * Bytes of pages that may be in flight or being written over all shards. A core parses some 60 MB a second, so more of
 * them would only wait, and a page being written takes about ten times its bytes of memory.
 */
const MAX_BYTES = 4 * FULL_PAGE;

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** Calls and pages in flight over all shards of a stream: it bounds the memory. */
export class InFlightBudget {
  readonly #concurrency: number;
  /** Shards that are being read; each has at most one call in flight that was not read ahead. */
  #reading = 0;
  /** Pages that are being written. */
  #writing = 0;
  #bytes = 0;
  /** Of `#bytes`, those that have come and are not only expected. */
  #present = 0;
  #usualPage = FULL_PAGE;
  /** Answers that wait for room before they are read. */
  readonly #waiting: Waiting[] = [];

  /** @param concurrency Shards being read and pages being written, together. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** One more page may be asked for. */
  hasRoom(): boolean {
    return this.#reading + this.#writing < this.#concurrency && this.#bytes < MAX_BYTES;
  }

  isIdle(): boolean {
    return this.#reading === 0 && this.#writing === 0;
  }

  startReading(): void {
    this.#reading++;
  }

  endReading(): void {
    this.#reading--;
  }

  startWriting(bytes: number): void {
    this.#writing++;
    this.#hold(bytes);
  }

  endWriting(bytes: number): void {
    this.#writing--;
    this.release(bytes);
  }

  /** Keeps room for a page: for the first one of a shard, as much as another shard's first page took. Gives the bytes. */
  expect(lastPageBytes: number | undefined): number {
    const bytes = lastPageBytes ?? this.#usualPage;
    this.#bytes += bytes;
    return bytes;
  }

  /** The page that room was kept for has come, or does not come. */
  unexpect(bytes: number): void {
    this.#bytes -= bytes;
    this.#admitWaiting();
  }

  /** The first page of a shard has come. */
  learn(firstPageBytes: number): void {
    this.#usualPage = firstPageBytes;
  }

  /**
   * An answer is so many bytes longer than was expected, as those of shards that were idle and burst at once. Resolves
   * when they may be read (undefined: at once); one answer always may, so that answers do not wait for each other.
   */
  admit(bytes: number): Promise<void> | undefined {
    if (bytes === 0) return undefined;
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#hold(bytes);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push({
        bytes,
        admit: () => {
          this.#hold(bytes);
          resolve();
        },
      });
    });
  }

  /** Bytes that were admitted are done with. */
  release(bytes: number): void {
    this.#bytes -= bytes;
    this.#present -= bytes;
    this.#admitWaiting();
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#present += bytes;
  }

  #fits(bytes: number): boolean {
    return this.#present === 0 || this.#bytes + bytes <= MAX_BYTES;
  }

  #admitWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.admit();
    }
  }
}
