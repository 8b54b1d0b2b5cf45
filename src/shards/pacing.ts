/** How soon a shard is polled again, counted from the start of the previous call. */
export interface Pace {
  /** Milliseconds between polls of a shard that has just become idle. */
  readonly pollInterval: number;
  /** Longest interval between polls of an idle shard, in milliseconds. */
  readonly maxPollInterval: number;
}

export interface LastPage {
  readonly records: number;
  readonly bytes: number;
  /** Consecutive empty pages, this one included. */
  readonly emptyPages: number;
  /** Age of the last record in milliseconds. */
  readonly age: number | undefined;
  /** The shard is known to be closed, or is read up to the start of the run only. */
  readonly finite: boolean;
  /** The shard has not been caught up yet. */
  readonly behind: boolean;
}

/**
 * An empty page never proves that a shard has nothing more (API_streams_GetRecords), but pages stay empty in a row at
 * the tip only. After this many the shard counts as caught up. The number is a judgement, not a promise of AWS.
 */
export const EMPTY_PAGES_WHEN_CAUGHT_UP = 5;

/** So many consecutive empty pages are read without a delay where an end is known to come. */
export const EMPTY_PAGES_BEFORE_AN_END = 100;

/** More records follow a page that reached one of GetRecords' limits of 1000 records and 1 MB, or nearly so. */
const FULL_RECORDS = 900;
const FULL_BYTES = 800_000;

/**
 * Records older than this are a backlog. DynamoDB Local rounds record times down to the minute, so a record that has
 * just been made may look 60 s old.
 */
const BACKLOG_AGE = 90_000;

const BACKOFF = 1.5;

/**
 * Milliseconds from the start of the last call to the next: 0 while there is a backlog, `pollInterval` while records
 * trickle in (more calls would cost money and bring the same records), growing to `maxPollInterval` when idle. The
 * growth is jittered so that shards that became idle together do not stay in step.
 */
export function nextDelay(page: LastPage, pace: Pace, random: () => number): number {
  if (page.records > 0) {
    const backlog = page.records >= FULL_RECORDS || page.bytes >= FULL_BYTES || (page.age ?? 0) > BACKLOG_AGE;
    return backlog || page.finite ? 0 : pace.pollInterval;
  }
  if (page.behind || (page.finite && page.emptyPages < EMPTY_PAGES_BEFORE_AN_END)) return 0;
  const idle = Math.max(0, page.emptyPages - EMPTY_PAGES_WHEN_CAUGHT_UP);
  const grown = pace.pollInterval * BACKOFF ** Math.min(idle, 64);
  if (grown >= pace.maxPollInterval) return pace.maxPollInterval;
  return Math.min(pace.maxPollInterval, grown * (0.75 + random() / 2));
}
