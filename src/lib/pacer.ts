import type { Clock } from '../ports/index.js';

/** Resolves when the next item may be sent: at most `rate` a second, evenly spaced; without a rate, at once. */
export function createPacer(rate: number | undefined, clock: Clock): (signal?: AbortSignal) => Promise<void> {
  if (rate === undefined) return async () => undefined;
  let next = clock.now();
  return async (signal) => {
    const now = clock.now();
    const due = Math.max(now, next);
    next = due + 1000 / rate;
    if (due > now) await clock.sleep(due - now, signal);
  };
}
