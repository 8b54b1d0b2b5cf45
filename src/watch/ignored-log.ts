import type { Clock, Log } from '../ports/index.js';
import type { Ignored } from './summary.js';

/** Milliseconds between two log lines about ignored records: a line for each page would flood the log. */
const INTERVAL = 10_000;

export interface IgnoredLog {
  add(ignored: Ignored): void;
  /** Logs what has not been logged yet. */
  close(): void;
}

export const noneIgnored = () => ({ insert: 0, modify: 0, remove: 0, unknown: 0 });

export function addIgnored(sum: ReturnType<typeof noneIgnored>, ignored: Ignored): void {
  for (const kind of ['insert', 'modify', 'remove', 'unknown'] as const) sum[kind] += ignored[kind];
}

/** Logs how many records were ignored, by their kind: the first at once, then the sum of each ten seconds. */
export function ignoredLog({ clock, log }: { readonly clock: Clock; readonly log: Log }): IgnoredLog {
  let sum = noneIgnored();
  let waiting: AbortController | undefined;

  /** False when there was nothing to log. */
  function flush(): boolean {
    const { insert, modify, remove, unknown } = sum;
    if (insert + modify + remove + unknown === 0) return false;
    sum = noneIgnored();
    const facts = {
      ...(insert > 0 && { INSERT: insert }),
      ...(modify > 0 && { MODIFY: modify }),
      ...(remove > 0 && { 'REMOVE (not TTL)': remove }),
      ...(unknown > 0 && { 'unknown eventName': unknown }),
    };
    log.info({ event: 'records.ignored', ...facts }, 'ignored');
    return true;
  }

  async function wait(timer: AbortController): Promise<void> {
    do await clock.sleep(INTERVAL, timer.signal);
    while (!timer.signal.aborted && flush());
    waiting = undefined;
  }

  return {
    add(ignored) {
      addIgnored(sum, ignored);
      if (waiting !== undefined) return;
      flush();
      waiting = new AbortController();
      void wait(waiting);
    },
    close() {
      waiting?.abort();
      flush();
    },
  };
}
