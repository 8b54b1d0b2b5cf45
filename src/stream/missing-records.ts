import type { Checkpoint, Gap, JournalLine } from '../ports.js';
import { lossSince } from './loss.js';
import { checkpointOf, type ShardProgress } from './shard-progress.js';

export interface Missing {
  /** Lines for the journal, in one commit. */
  readonly lines: readonly JournalLine[];
  readonly gap: Gap | undefined;
}

/** The position is older than the trim horizon: reading goes on at the horizon; what was lost, if anything, is written down. */
export function trimmed(progress: ShardProgress, stream: string, now: number): Missing {
  const gap = gapOf(progress, stream, now, 'the position was older than the trim horizon');
  // So that the same loss is not told again.
  if (gap !== undefined) progress.caughtUpAt = Date.parse(gap.to);
  progress.iterator = undefined;
  progress.fromHorizon = true;
  return missing(gap, checkpointOf(progress, stream, now, false));
}

/** The shard is gone from the stream: it ends here; what was lost, if anything, is written down. */
export function vanished(progress: ShardProgress, stream: string, now: number): Missing {
  const gap = gapOf(progress, stream, now, 'the shard was gone from the stream before its end was read');
  return missing(gap, checkpointOf(progress, stream, now, true));
}

/** The shard is listed and yet said not to exist, again and again: it ends here, and what followed may be lost. */
export function denied(progress: ShardProgress, stream: string, now: number): Missing {
  const from = iso(progress.caughtUpAt ?? progress.knownSince);
  const at = iso(now);
  const reason = 'the stream lists the shard but says that it does not exist';
  const gap = { stream, ShardId: progress.ShardId, from, to: at, reason, at };
  return missing(gap, checkpointOf(progress, stream, now, true));
}

/** A shard that was born and trimmed while nobody watched the stream, which was last watched at `lastWatched`. */
export function unseen(ShardId: string, stream: string, lastWatched: number, now: number): Gap | undefined {
  const loss = lossSince(lastWatched, now);
  return loss && gapLine(ShardId, stream, loss, now, 'a shard was trimmed that was never seen');
}

function gapOf(progress: ShardProgress, stream: string, now: number, reason: string): Gap | undefined {
  const loss = lossSince(progress.caughtUpAt ?? progress.knownSince, now);
  return loss && gapLine(progress.ShardId, stream, loss, now, reason);
}

function gapLine(
  ShardId: string,
  stream: string,
  loss: { from: number; to: number },
  now: number,
  reason: string,
): Gap {
  return { stream, ShardId, from: iso(loss.from), to: iso(loss.to), reason, at: iso(now) };
}

function missing(found: Gap | undefined, checkpoint: Checkpoint): Missing {
  const line: JournalLine = { type: 'checkpoint', ...checkpoint };
  return { lines: found === undefined ? [line] : [{ type: 'gap', ...found }, line], gap: found };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
