const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Upper ends of the ranges that are shown, in milliseconds. */
const RANGES = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, Infinity];

/** Each bucket is so many times as wide as the one before, so that a quantile is right to half of a hundredth. */
const RATIO = Math.log(1.01);

/** How long after their expiry items were deleted, in bounded memory. */
export class Delays {
  /** Logarithmic buckets; a delay of up to a millisecond is in the first one. */
  readonly #buckets = new Map<number, number>();
  readonly #ranges = RANGES.map(() => 0);
  count = 0;
  /** Deleted before they expired. */
  early = 0;
  /** Milliseconds. */
  longest = 0;

  /** Both are epoch milliseconds. */
  add(expiredAt: number, deletedAt: number): void {
    const delay = deletedAt - expiredAt;
    if (delay < 0) {
      this.early++;
      return;
    }
    this.count++;
    this.longest = Math.max(this.longest, delay);
    const range = RANGES.findIndex((end) => delay < end);
    this.#ranges[range] = (this.#ranges[range] ?? 0) + 1;
    const bucket = Math.round(Math.log(Math.max(1, delay)) / RATIO);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** Milliseconds, to within one per cent; undefined without any delay. `share` is 0.5 for the median. */
  quantile(share: number): number | undefined {
    const rank = Math.max(1, Math.ceil(this.count * share));
    let seen = 0;
    for (const [bucket, count] of [...this.#buckets].toSorted(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.min(this.longest, Math.exp(bucket * RATIO));
    }
    return undefined;
  }

  /** How many there are in each range; the last one has no end. Milliseconds. */
  ranges(): { readonly from: number; readonly to: number; readonly count: number }[] {
    return RANGES.map((to, index) => ({ from: RANGES[index - 1] ?? 0, to, count: this.#ranges[index] ?? 0 }));
  }
}
