import type { Clock } from '../ports/index.js';

/**
 * Resolves when the next item may be sent: at most `rate` a second, evenly spaced; without a rate, at once. After a pause
 * up to `burst` of them are sent at once (default: 1).
 */
export function createPacer(
  rate: number | undefined,
  clock: Clock,
  burst = 1,
): (signal?: AbortSignal) => Promise<void> {
  if (rate === undefined) return async () => undefined;
  const interval = 1000 / rate;
  const lead = (burst - 1) * interval;
  /** When the next item is due, if none were sent ahead. */
  let next = clock.now() - lead;
  return async (signal) => {
    const now = clock.now();
    const due = Math.max(now - lead, next);
    next = due + interval;
    if (due > now) await clock.sleep(due - now, signal);
  };
}
