import { formatDuration } from '../lib/format-duration.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Milliseconds that a stream keeps a record (developerguide/Streams.html). */
const RETENTION = 24 * HOUR;
/** Half the retention: as much time again is left to do something about it. */
export const DEFAULT_MAX_LAG = RETENTION / 2;
/** Milliseconds without a successful call from which on the endpoint counts as unreachable. */
export const UNREACHABLE_AFTER = 5 * MINUTE;
/** Milliseconds without any advance from which on reading counts as stalled. A shard at rest is polled every few seconds. */
const STALLED_AFTER = 10 * MINUTE;

export const HEALTH_STATUSES = ['ok', 'endpoint-unreachable', 'stalled', 'behind'] as const;

export interface Health {
  readonly status: (typeof HEALTH_STATUSES)[number];
  /** One sentence; absent when it is `ok`. */
  readonly reason?: string;
}

/** What a run's health depends on; all in milliseconds. */
export interface HealthFacts {
  readonly lagMs?: number | undefined;
  readonly failingMs?: number | undefined;
  readonly stalledMs: number;
  /** Reading stands still until segments are uploaded. */
  readonly isPaused?: boolean | undefined;
  /** The lag above which the run is `behind`. */
  readonly maxLagMs: number;
}

/** Whether a run does its work. The first of its problems, in the order in which one causes the next. */
export function judgeHealth({ lagMs, failingMs = 0, stalledMs, isPaused, maxLagMs }: HealthFacts): Health {
  if (failingMs >= UNREACHABLE_AFTER) {
    return { status: 'endpoint-unreachable', reason: `No call has succeeded for ${formatDuration(failingMs)}.` };
  }
  if (stalledMs >= STALLED_AFTER) {
    const since = formatDuration(stalledMs);
    const reason =
      isPaused === true
        ? `Reading has been paused for ${since}: segments wait for their upload.`
        : `Calls succeed, but nothing has been read any further for ${since}.`;
    return { status: 'stalled', reason };
  }
  if (lagMs !== undefined && lagMs > maxLagMs) {
    const [lag, most] = [lagMs, maxLagMs].map(formatDuration);
    return { status: 'behind', reason: `Reading is ${lag} behind, and ${most} is the limit; records live for 24h.` };
  }
  return { status: 'ok' };
}

/** Milliseconds until the oldest record that may be unread is trimmed; negative when it may have been. */
export function timeToTrim(lagMs: number): number {
  return RETENTION - lagMs;
}
