import type { Checkpoint } from '../ports/index.js';

/** AWS's clock and the machine's are the same when they differ by less. */
const TOLERANCE = 60_000;

/** What time it is; epoch milliseconds. */
export interface Moment {
  /** By AWS's clock. */
  readonly now: number;
  /** AWS has told its time. Otherwise `now` is the machine's. */
  readonly isKnown: boolean;
  /** By the machine's clock. */
  readonly machineNow: number;
}

/**
 * A checkpoint of an earlier run with times that can be trusted: itself, or else one that promises nothing since the
 * stream was made. Whether a trimmed position has lost something is decided by these times, so one that a wrong clock has
 * written must not hide a loss. It is not trusted when
 * - it lies ahead of AWS's time now; or
 * - the machine's clock wrote it, and that is ahead of AWS's now.
 *
 * What the clock of another day wrote, which was ahead then and is right now, cannot be told from a right time.
 */
export function withTrustedTimes(checkpoint: Checkpoint, { now, isKnown, machineNow }: Moment): Checkpoint {
  const { caughtUpAt, at, position, stream } = checkpoint;
  const isAhead = Date.parse(caughtUpAt ?? at) > now + TOLERANCE;
  const byWrongClock = checkpoint.awsTime !== true && isKnown && machineNow > now + TOLERANCE;
  if (!isAhead && !byWrongClock) return checkpoint;
  const since = new Date(Math.min(createdAt(stream) ?? 0, now)).toISOString();
  // Of a shard that was not begun, nothing was caught up: it may still have to wait for its parent.
  const unread = position === 'TRIM_HORIZON' && caughtUpAt === undefined;
  // That a shard has ended is known now; for how long nobody can say.
  const ended = position === 'SHARD_END' && isKnown;
  return { ...checkpoint, ...(!unread && { caughtUpAt: since }), at: ended ? new Date(now).toISOString() : since };
}

/** When a stream was made, in epoch milliseconds: its ARN ends in that time. Undefined where ARNs have another form. */
export function createdAt(StreamArn: string): number | undefined {
  const created = Date.parse(`${StreamArn.slice(StreamArn.lastIndexOf('/') + 1)}Z`);
  return Number.isNaN(created) ? undefined : created;
}
