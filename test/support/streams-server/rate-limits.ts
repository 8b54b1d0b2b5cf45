/** Counts calls in a sliding window of one second. */
export class RateLimits {
  readonly #now: () => number;
  readonly #times = new Map<string, number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** False when `name` has been called `perSecond` times within the last second; otherwise this call is counted. */
  admit(name: string, perSecond: number | undefined): boolean {
    if (perSecond === undefined) return true;
    const now = this.#now();
    const recent = (this.#times.get(name) ?? []).filter((time) => time > now - 1000);
    this.#times.set(name, recent);
    if (recent.length >= perSecond) return false;
    recent.push(now);
    return true;
  }
}
