/** GetRecords answers with at most 1 MB (API_streams_GetRecords): what a page is taken to have before one was seen. */
const FULL_PAGE = 1024 * 1024;

/**
 * Bytes of pages that may be on their way or being archived over all shards. A core takes apart some 60 MB a second, so
 * more of them would only wait, and a page being archived takes about ten times its bytes of memory.
 */
const MOST_BYTES = 4 * FULL_PAGE;

/** What is under way over all shards of a stream: it bounds the memory. */
export class Load {
  readonly #concurrency: number;
  /** Shards that are being read; each has at most one call under way. */
  reading = 0;
  /** Pages that are being written. */
  writing = 0;
  #bytes = 0;
  #usual = FULL_PAGE;

  /** @param concurrency shards being read and pages being written, together. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** One more page may be asked for. */
  hasRoom(): boolean {
    return this.reading + this.writing < this.#concurrency && this.#bytes < MOST_BYTES;
  }

  isIdle(): boolean {
    return this.reading === 0 && this.writing === 0;
  }

  /** Keeps room for a page: of a shard that has given none yet, as large as another one's first page. Gives its bytes. */
  expect(lastPageBytes: number | undefined): number {
    return this.hold(lastPageBytes ?? this.#usual);
  }

  /** The first page of a shard has come. */
  learn(firstPageBytes: number): void {
    this.#usual = firstPageBytes;
  }

  hold(bytes: number): number {
    this.#bytes += bytes;
    return bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
