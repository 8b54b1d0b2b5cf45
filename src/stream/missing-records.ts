import type { Checkpoint, Gap, GapCause, GapScope, JournalLine } from '../ports/index.js';
import { lossSince } from './loss.js';
import { checkpointOf, readUpTo, type ShardProgress, startProgress } from './shard-progress.js';

/** What a gap says besides its times. */
interface Explanation {
  readonly cause: GapCause;
  readonly scope?: GapScope | undefined;
  readonly reason: string;
}

export interface Missing {
  /** Lines for the journal, in one commit. */
  readonly lines: readonly JournalLine[];
  readonly gap: Gap | undefined;
}

/** The position is older than the trim horizon: reading goes on there; what was lost, if anything, is written down. */
export function trimmed(progress: ShardProgress, stream: string, now: number): Missing {
  const reason = 'the position was older than the trim horizon';
  const gap = gapOf(progress, stream, now, { cause: 'position-trimmed', reason });
  progress.iterator = undefined;
  progress.fromHorizon = true;
  return missing(gap, checkpointOf(progress, stream, now, false));
}

/**
 * Reading begins at the trim horizon, which is never refused: only the time tells whether the horizon has moved past
 * something unread.
 */
export function skipped(progress: ShardProgress, stream: string, now: number): Missing | undefined {
  const late = 'reading began at the trim horizon, too late for what came before it';
  // Its siblings may have come and gone without ever being listed.
  const born = progress.ParentShardId !== undefined && progress.caughtUpAt === undefined;
  const gap = gapOf(progress, stream, now, {
    cause: 'started-late',
    scope: born ? 'siblings' : undefined,
    reason: born ? `${late}, in this shard and other children of its parent` : late,
  });
  return gap && missing(gap, checkpointOf(progress, stream, now, false));
}

/** The shard is gone from the stream: it ends here; what was lost, if anything, is written down. */
export function vanished(progress: ShardProgress, stream: string, now: number): Missing {
  const gone = 'the shard was gone from the stream before its end was read';
  const gap = gapOf(progress, stream, now, {
    cause: 'shard-gone',
    // What a shard descends from that only its children name is not known either.
    scope: progress.unlisted ? 'ancestors' : undefined,
    reason: progress.unlisted ? `${gone}, and so may be shards that it descends from` : gone,
  });
  return missing(gap, checkpointOf(progress, stream, now, true));
}

/**
 * A shard has ended, and no child of it is listed. A stream closes a shard by giving it children: when it was closed too
 * long ago, they may have come and gone unseen.
 */
export function childless(progress: ShardProgress, stream: string, now: number): Missing | undefined {
  const reason = 'the shard has ended, and none of its children is listed any more';
  const gap = gapOf(progress, stream, now, { cause: 'children-unlisted', reason });
  return gap && missing(gap, checkpointOf(progress, stream, now, true));
}

/** Stands for the shards of a stream that nobody knows by name. */
export const ALL_SHARDS = '*';

/** A stream that no run has read has no shard any more: what it held since then is written down as lost, once. */
export function unread(stream: string, since: number, now: number): Missing | undefined {
  const progress = startProgress({ ShardId: ALL_SHARDS }, undefined, since);
  const reason = 'the stream was gone before it was read';
  const gap = gapOf(progress, stream, now, { cause: 'stream-gone', scope: 'stream', reason });
  return gap && missing(gap, checkpointOf(progress, stream, now, true));
}

/** The shard is listed and yet said not to exist, again and again: it ends here, and what followed may be lost. */
export function denied(progress: ShardProgress, stream: string, now: number): Missing {
  const from = iso(readUpTo(progress));
  const at = iso(now);
  const reason = 'the stream lists the shard but says that it does not exist';
  const gap = { stream, ShardId: progress.ShardId, cause: 'shard-not-found', from, to: at, reason, at };
  return missing(gap, checkpointOf(progress, stream, now, true));
}

function gapOf(
  progress: ShardProgress,
  stream: string,
  now: number,
  { cause, scope, reason }: Explanation,
): Gap | undefined {
  const loss = lossSince(readUpTo(progress), now);
  if (loss === undefined) return undefined;
  // So that the same loss is not told again, neither of this shard nor of its children.
  progress.caughtUpAt = loss.to;
  return {
    stream,
    ShardId: progress.ShardId,
    cause,
    ...(scope !== undefined && { scope }),
    from: iso(loss.from),
    to: iso(loss.to),
    reason,
    at: iso(now),
  };
}

function missing(found: Gap | undefined, checkpoint: Checkpoint): Missing {
  const line: JournalLine = { type: 'checkpoint', ...checkpoint };
  return { lines: found === undefined ? [line] : [{ type: 'gap', ...found }, line], gap: found };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
