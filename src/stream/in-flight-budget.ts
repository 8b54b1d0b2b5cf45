/** GetRecords returns at most 1 MB (API_streams_GetRecords): what a page counts for before one was seen. */
const FULL_PAGE = 1024 * 1024;

/**
 * Bytes of pages that may be in flight or being written over all shards. A core parses some 60 MB a second, so more of
 * them would only wait, and a page being written takes about ten times its bytes of memory.
 */
const MAX_BYTES = 4 * FULL_PAGE;

/** Calls and pages in flight over all shards of a stream. It bounds the memory. */
export class InFlightBudget {
  readonly #concurrency: number;
  /** Shards that are being read; each has at most one call in flight that was not sent ahead. */
  #reading = 0;
  /** Pages that are being written. */
  #writing = 0;
  #bytes = 0;
  /** Of `#bytes`, those that have come and are not only expected. */
  #present = 0;
  #usualPage = FULL_PAGE;
  /** Responses that wait for room before they are read. */
  readonly #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  /** @param concurrency Shards being read and pages being written, together. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** One more page may be requested. */
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

  /** Reserves room for a page, for a shard's first one as much as another shard's first page took. Returns the bytes. */
  expect(lastPageBytes: number | undefined): number {
    const bytes = lastPageBytes ?? this.#usualPage;
    this.#bytes += bytes;
    return bytes;
  }

  /** The page that room was reserved for has come, or failed. */
  unexpect(bytes: number): void {
    this.#bytes -= bytes;
    this.#admitWaiting();
  }

  /** The first page of a shard has come. */
  learn(firstPageBytes: number): void {
    this.#usualPage = firstPageBytes;
  }

  /**
   * A response is so many bytes longer than expected, as those of idle shards are that all burst at once. Resolves when
   * they may be read; one response always may, so that responses do not wait for each other.
   */
  async admit(bytes: number): Promise<void> {
    if (bytes === 0) return;
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#hold(bytes);
    else await new Promise<void>((resolve) => void this.#waiting.push({ bytes, resolve }));
  }

  /** Admitted bytes are no longer in memory. */
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
      this.#hold(next.bytes);
      next.resolve();
    }
  }
}
