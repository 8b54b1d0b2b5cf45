export interface Batcher<T> {
  /** Settles with the flush that the entry was part of. */
  add(entry: T): Promise<void>;
  /** Resolves when everything that was added has been flushed, successfully or not. */
  idle(): Promise<void>;
}

/** Runs `flush` over everything that was added during the previous flush; one flush at a time, in order. */
export function createBatcher<T>(flush: (entries: readonly T[]) => Promise<void>): Batcher<T> {
  let waiting: T[] = [];
  let upcoming: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const flushWaiting = async (): Promise<void> => {
    const entries = waiting;
    waiting = [];
    upcoming = undefined;
    await flush(entries);
  };
  return {
    add(entry) {
      waiting.push(entry);
      if (upcoming === undefined) {
        upcoming = last.then(flushWaiting);
        last = upcoming.catch(() => undefined);
      }
      return upcoming;
    },
    idle: () => last,
  };
}
