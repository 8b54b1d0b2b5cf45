const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Widths in milliseconds; each is a multiple of the one before. */
const WIDTHS = [HOUR, DAY, 28 * DAY, 364 * DAY, 36_400 * DAY];

/** Most buckets that are kept, whatever the times are. */
const MAX_BUCKETS = 5000;

export interface Bucket {
  /** Epoch milliseconds. */
  readonly start: number;
  /** Milliseconds. */
  readonly width: number;
  items: number;
  bytes: number;
}

/** Items and bytes over time in bounded memory: by the hour, or when that takes too many buckets, by longer times. */
export class TimeBuckets {
  #buckets = new Map<number, Bucket>();
  #step = 0;

  get #width(): number {
    return WIDTHS[this.#step] ?? HOUR;
  }

  /** `time` is epoch milliseconds. */
  add(time: number, items: number, bytes: number): void {
    const start = Math.floor(time / this.#width) * this.#width;
    const bucket = this.#buckets.get(start);
    if (bucket === undefined) this.#buckets.set(start, { start, width: this.#width, items, bytes });
    else {
      bucket.items += items;
      bucket.bytes += bytes;
    }
    if (this.#buckets.size > MAX_BUCKETS && this.#step < WIDTHS.length - 1) this.#widen();
  }

  #widen(): void {
    const buckets = this.#buckets.values();
    this.#buckets = new Map();
    this.#step++;
    for (const { start, items, bytes } of buckets) this.add(start, items, bytes);
  }

  /** At most `most` buckets of one width, from the first to the last one with an item, also those without any. */
  toBuckets(most: number): Bucket[] {
    const starts = [...this.#buckets.keys()].toSorted((a, b) => a - b);
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return [];
    const width = widthFor({ first, last, least: this.#width }, most);
    const buckets: Bucket[] = [];
    const from = Math.floor(first / width) * width;
    for (let start = from; start <= last; start += width) buckets.push({ start, width, items: 0, bytes: 0 });
    for (const { start, items, bytes } of this.#buckets.values()) {
      const bucket = buckets[Math.floor((start - from) / width)];
      if (bucket === undefined) continue;
      bucket.items += items;
      bucket.bytes += bytes;
    }
    return buckets;
  }
}

/** The shortest common length of time by which the times from `first` to `last` are in at most so many buckets. */
function widthFor({ first, last, least }: { first: number; last: number; least: number }, most: number): number {
  const widths = [HOUR, DAY, 7 * DAY, 28 * DAY, 91 * DAY, 364 * DAY].filter((width) => width % least === 0);
  const width = widths.find((each) => Math.floor(last / each) - Math.floor(first / each) < most);
  // A hostile archive may span all the years that a date can have.
  return width ?? Math.ceil((last - first + least) / (most - 1) / least) * least;
}
