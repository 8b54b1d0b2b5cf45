import { setImmediate } from 'node:timers/promises';

/** Things of a kind that are done before other work gets its turn: some milliseconds, when each takes a few microseconds. */
export const SLICE = 1000;

/** Runs work that yields now and then; other work gets its turn each time. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await setImmediate();
  }
}

/** Calls `each` on every element, and yields after each slice that more elements follow. */
export function* eachInSlices<T>(elements: Iterable<T>, each: (element: T) => void): Generator<void, void> {
  let count = 0;
  for (const element of elements) {
    if (count > 0 && count % SLICE === 0) yield;
    count++;
    each(element);
  }
}
