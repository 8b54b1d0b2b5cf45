import { setImmediate } from 'node:timers/promises';

/** Elements of one slice. At a few microseconds each, other work waits for some milliseconds. */
export const SLICE = 1000;

/** Runs a generator to its end; the event loop runs other work at each `yield`. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await setImmediate();
  }
}

/** Calls `each` on every element, and yields between slices. */
export function* eachInSlices<T>(elements: Iterable<T>, each: (element: T) => void): Generator<void, void> {
  let count = 0;
  for (const element of elements) {
    if (count > 0 && count % SLICE === 0) yield;
    count++;
    each(element);
  }
}
