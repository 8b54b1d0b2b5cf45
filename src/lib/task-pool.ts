/** Runs tasks concurrently, at most `limit` at a time. */
export class TaskPool {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when the task has started, so that awaiting it slows the producer down. Rejects once a task has failed. */
  async run(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit && this.#failure === undefined) await this.#untilOneEnds();
    if (this.#failure !== undefined) throw this.#failure.error;
    const running = task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(running);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    this.#running.add(running);
  }

  /** Resolves when no task is running; rejects with the first failure. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await this.#untilOneEnds();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #untilOneEnds(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Calls `work` for each item, `limit` at a time. After a failure no more start; it is thrown once the others have ended. */
export async function forEachOf<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const pool = new TaskPool(limit);
  try {
    for (const item of items) await pool.run(() => work(item));
  } finally {
    await pool.drain();
  }
}
