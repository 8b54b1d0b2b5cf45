import type { Checkpoint } from '../ports/index.js';

/** AWS's clock and the machine's agree when they differ by less, in milliseconds. */
const TOLERANCE = 60_000;

/** What time it is; epoch milliseconds. */
export interface Moment {
  /** By AWS's clock. */
  readonly now: number;
  /** A response has told AWS's time. Otherwise `now` is the machine's. */
  readonly isKnown: boolean;
  /** By the machine's clock. */
  readonly machineNow: number;
}

/**
 * A checkpoint of an earlier run with times that can be trusted: itself, or else one that claims nothing as read since the
 * stream was created. These times decide whether a trimmed position lost anything, so a time from a wrong clock must not
 * hide a loss. A time is not trusted when
 * - it is ahead of AWS's time now; or
 * - it comes from the machine's clock, which is ahead of AWS's now.
 *
 * A time from a clock that was ahead then and is right now cannot be told from a right one.
 */
export function withTrustedTimes(checkpoint: Checkpoint, { now, isKnown, machineNow }: Moment): Checkpoint {
  const { caughtUpAt, at, position, stream } = checkpoint;
  const isAhead = Date.parse(caughtUpAt ?? at) > now + TOLERANCE;
  const byWrongClock = checkpoint.awsTime !== true && isKnown && machineNow > now + TOLERANCE;
  if (!isAhead && !byWrongClock) return checkpoint;
  const since = new Date(Math.min(createdAt(stream) ?? 0, now)).toISOString();
  // A shard that was not read yet never was caught up: it may still have to wait for its parent.
  const unread = position === 'TRIM_HORIZON' && caughtUpAt === undefined;
  // That a shard has ended is known; since when is not.
  const ended = position === 'SHARD_END' && isKnown;
  return { ...checkpoint, ...(!unread && { caughtUpAt: since }), at: ended ? new Date(now).toISOString() : since };
}

/** When a stream was created, in epoch milliseconds: its ARN ends in that time. Undefined where ARNs have another form. */
export function createdAt(StreamArn: string): number | undefined {
  const created = Date.parse(`${StreamArn.slice(StreamArn.lastIndexOf('/') + 1)}Z`);
  return Number.isNaN(created) ? undefined : created;
}
