interface Limits<T> {
  /** Most items in work. */
  readonly items: number;
  /** Most weight in work; a single item may have more. */
  readonly weight: number;
  readonly weightOf: (item: T) => number;
}

interface InWork<R> {
  readonly result: Promise<R>;
  readonly weight: number;
}

/**
 * The results of `work` in the order of the items, while it is already at work on the next ones. Throws the first failure;
 * however it ends, no work goes on after that.
 */
export async function* mapConcurrently<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  { items: most, weight: mostWeight, weightOf }: Limits<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const queue: InWork<R>[] = [];
  let weight = 0;
  let isOver = false;
  try {
    for (;;) {
      while (!isOver && queue.length < most && (queue.length === 0 || weight < mostWeight)) {
        const next = await iterator.next();
        if (next.done === true) {
          isOver = true;
          break;
        }
        const result = work(next.value);
        // A failure is thrown when its turn comes.
        result.catch(() => undefined);
        const own = weightOf(next.value);
        queue.push({ result, weight: own });
        weight += own;
      }
      const first = queue[0];
      if (first === undefined) return;
      const result = await first.result;
      queue.shift();
      weight -= first.weight;
      yield result;
    }
  } finally {
    await Promise.allSettled([...queue.map(({ result }) => result), iterator.return?.()]);
  }
}
