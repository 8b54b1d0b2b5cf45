import type { Clock } from '../ports/index.js';

/**
 * Longest time that counts between two samples, in milliseconds. They come with each renewal of the lock, so more has
 * passed only when this process was suspended.
 */
const MAX_STEP = 15_000;

/** Measures for how long nothing was read any further, while it should have been. */
export class StallTimer {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #sampledAt: number | undefined;
  #readUpTo: number | undefined;
  #ms = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Milliseconds for which `readUpTo` has been the same. `isExcused`: nothing can, or has to, be read now. */
  sample(readUpTo: number | undefined, isExcused: boolean): number {
    const now = this.#clock.monotonic();
    const step = Math.min(MAX_STEP, now - (this.#sampledAt ?? now));
    this.#ms = isExcused || readUpTo !== this.#readUpTo ? 0 : this.#ms + step;
    this.#sampledAt = now;
    this.#readUpTo = readUpTo;
    return Math.round(this.#ms);
  }
}
