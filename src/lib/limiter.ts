/** Runs a task once fewer than the limit are running, in the order of the calls. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T>;

export function createLimiter(limit: number): Limiter {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/**
 * Limiters of several users that share one limit: each call returns one more. The next task is one of the user with the
 * fewest tasks running; of several, of the one that has waited longest.
 */
export function createFairLimiter(limit: number): () => Limiter {
  interface User {
    running: number;
    readonly waiting: (() => void)[];
  }
  let free = limit;
  /** Users with waiting tasks, the one that has waited longest first. */
  const queue = new Set<User>();

  function startNext(): void {
    let next: User | undefined;
    for (const user of queue) if (next === undefined || user.running < next.running) next = user;
    if (next === undefined) return void free++;
    queue.delete(next);
    const start = next.waiting.shift();
    if (next.waiting.length > 0) queue.add(next);
    start?.();
  }

  return () => {
    const user: User = { running: 0, waiting: [] };
    return async (task) => {
      if (free > 0) free--;
      else {
        await new Promise<void>((resolve) => {
          user.waiting.push(resolve);
          queue.add(user);
        });
      }
      user.running++;
      try {
        return await task();
      } finally {
        user.running--;
        startNext();
      }
    };
  };
}
