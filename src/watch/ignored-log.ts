import type { Clock, Log } from '../ports/index.js';
import type { Ignored } from './summary.js';

/** Milliseconds between two lines in the log about ignored records: a line a page would flood it. */
const INTERVAL = 10_000;

export interface IgnoredLog {
  add(ignored: Ignored): void;
  /** Logs what has not been logged yet. */
  close(): void;
}

/** Logs how many records were ignored, by why: the first at once, then the sum of each ten seconds. */
export function ignoredLog({ clock, log }: { readonly clock: Clock; readonly log: Log }): IgnoredLog {
  let sum = { insert: 0, modify: 0, remove: 0, unknown: 0 };
  let waiting: AbortController | undefined;

  /** False when there was nothing to log. */
  function flush(): boolean {
    const { insert, modify, remove, unknown } = sum;
    if (insert + modify + remove + unknown === 0) return false;
    sum = { insert: 0, modify: 0, remove: 0, unknown: 0 };
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
    add({ insert, modify, remove, unknown }) {
      sum.insert += insert;
      sum.modify += modify;
      sum.remove += remove;
      sum.unknown += unknown;
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
