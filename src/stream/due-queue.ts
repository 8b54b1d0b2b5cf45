import TinyQueue from 'tinyqueue';
import type { Clock } from '../ports/index.js';

interface Due<T> {
  at: number;
  /** Order of addition among those due at the same moment: fair over all shards. */
  readonly turn: number;
  readonly value: T;
}

/** A queue of values by the time at which they are due, with one timer for all of them. */
export class DueQueue<T> {
  readonly #clock: Clock;
  readonly #queue = new TinyQueue<Due<T>>([], (a, b) => a.at - b.at || a.turn - b.turn);
  #turn = 0;
  #timer: { at: number; cancel: AbortController } | undefined;
  #time = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#queue.length;
  }

  add(value: T, at: number): void {
    this.#now();
    // Clocks count whole milliseconds: a timer for a fraction of one would fire too early.
    this.#queue.push({ at: Math.ceil(at), turn: this.#turn++, value });
  }

  /** The next value that is due by now, which stays in the queue. */
  peek(): T | undefined {
    const next = this.#queue.peek();
    return next === undefined || next.at > this.#now() ? undefined : next.value;
  }

  /** The next value that is due by now. */
  take(): T | undefined {
    const next = this.peek();
    if (next !== undefined) this.#queue.pop();
    return next;
  }

  /** Calls `onDue` when the first value is due, unless an earlier call of this does so. */
  arm(onDue: () => void): void {
    const now = this.#now();
    const next = this.#queue.peek();
    if (next === undefined || (this.#timer !== undefined && this.#timer.at <= next.at)) return;
    this.disarm();
    const timer = { at: next.at, cancel: new AbortController() };
    this.#timer = timer;
    void this.#clock.sleep(Math.max(0, next.at - now), timer.cancel.signal).then(() => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      onDue();
    });
  }

  disarm(): void {
    this.#timer?.cancel.abort();
    this.#timer = undefined;
  }

  /** The time. When the clock was set back, what is queued moves back with it, or it would wait for so much longer. */
  #now(): number {
    const now = this.#clock.now();
    const back = this.#time - now;
    if (back > 0) for (const due of this.#queue.data) due.at -= back;
    this.#time = now;
    return now;
  }
}
