import type { Clock } from '../../src/ports/index.js';

export interface SimulatedClock extends Clock {
  /** How many `sleep` calls have not ended yet. */
  readonly sleeping: number;
  /** Moves the time on by `ms`; sleepers that fall due on the way wake in due order, each at its own due time. */
  advance(ms: number): Promise<void>;
  /** Wakes the sleepers in due order until nobody sleeps; throws after `limit` wakes (default 10,000). */
  runUntilIdle(limit?: number): Promise<void>;
  /**
   * Wakes the sleepers in due order until `work` has settled, and gives its outcome. While nobody sleeps it waits for
   * real I/O. Throws after `limit` wakes (default 10,000): then the work can never end.
   */
  runUntil<T>(work: Promise<T>, limit?: number): Promise<T>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** 2026-11-23T12:00:00Z, where a simulated clock starts by default. */
export const SIMULATED_START = Date.UTC(2026, 10, 23, 12);

/**
 * A clock that stands still until the test moves it. Sleepers with the same due time wake in the order of their calls.
 * Between two wakes the event loop turns `turns` times, so that everything a waker set off without real I/O is done;
 * where there is real I/O, `busy` says that it is under way, and the time stands still meanwhile.
 */
export function simulatedClock(options: { start?: number; turns?: number; busy?: () => boolean } = {}): SimulatedClock {
  const { start = SIMULATED_START, turns = 3, busy = () => false } = options;
  let now = start;
  let sleepers: Sleeper[] = [];

  const settle = async (): Promise<void> => {
    do {
      for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    } while (busy());
  };

  /** Wakes the earliest sleeper due at or before `until`; false when there is none. */
  const wakeNext = async (until: number): Promise<boolean> => {
    // Array order is call order, and only a strictly earlier due time wins: ties wake first come, first served.
    const next = sleepers.reduce<Sleeper | undefined>((a, b) => (a === undefined || b.due < a.due ? b : a), undefined);
    if (next === undefined || next.due > until) return false;
    now = Math.max(now, next.due);
    next.wake();
    await settle();
    return true;
  };

  return {
    now: () => now,
    monotonic: () => now - start,
    get sleeping() {
      return sleepers.length;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { due: now + Math.max(0, Math.ceil(ms)), wake };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', wake);
      }),
    async advance(ms) {
      const target = now + ms;
      await settle();
      while (await wakeNext(target));
      now = target;
    },
    async runUntilIdle(limit = 10_000) {
      await settle();
      for (let wakes = 0; await wakeNext(Number.POSITIVE_INFINITY); wakes++) {
        if (wakes >= limit) throw new Error(`somebody still sleeps after ${limit} wakes`);
      }
    },
    async runUntil(work, limit = 10_000) {
      const state = { settled: false };
      const outcome = work.finally(() => {
        state.settled = true;
      });
      outcome.catch(() => undefined); // it is awaited below; until then a rejection must not count as unhandled
      await settle();
      for (let wakes = 0; !state.settled; ) {
        if (!(await wakeNext(Number.POSITIVE_INFINITY))) await settle();
        else if (++wakes > limit) throw new Error(`the work has not ended after ${limit} wakes`);
      }
      return outcome;
    },
  };
}
