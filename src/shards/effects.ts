import type { ChangeRecord, Checkpoint, Gap, JournalLine, LogFacts } from '../ports/index.js';
import type { ShardState } from './shard-state.js';

/** Records of one shard, in order, none of them delivered before, and the checkpoint that holds once they are archived. */
export interface DeliveredPage {
  readonly ShardId: string;
  readonly records: readonly ChangeRecord[];
  readonly checkpoint: Checkpoint;
}

/** What has to be done because the ShardGraph has changed. Effects are carried out in order, one after the other. */
export type Effect =
  /** Writes the lines to the journal in one commit; what follows waits until they are durable. */
  | { readonly type: 'commit'; readonly lines: readonly JournalLine[] }
  /** Keeps a checkpoint that nothing depends on yet. */
  | { readonly type: 'checkpoint-lazily'; readonly checkpoint: Checkpoint }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: LogFacts;
      readonly message: string;
    }
  /** Polls the shard as soon as there is room. */
  | { readonly type: 'poll'; readonly shard: ShardState }
  /** Lists the stream soon: children of ended shards are expected. */
  | { readonly type: 'list' };

export const poll = (shard: ShardState): Effect => ({ type: 'poll', shard });

export const checkpointLazily = (checkpoint: Checkpoint): Effect => ({ type: 'checkpoint-lazily', checkpoint });

const logAt =
  (level: 'info' | 'warn' | 'error') =>
  (fields: LogFacts, message: string): Effect => ({ type: 'log', level, fields, message });

/** Log lines, as effects. */
export const log = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

/** Commits a checkpoint, with the gap that was found there, and logs it. */
export function commitLoss(checkpoint: Checkpoint, gap: Gap | undefined): Effect[] {
  const { ShardId } = checkpoint;
  const line = { type: 'checkpoint', ...checkpoint } as const;
  if (gap === undefined) {
    const message = 'trimmed after it was read: nothing is lost';
    return [{ type: 'commit', lines: [line] }, log.info({ event: 'shard.trimmed', ShardId }, message)];
  }
  const { cause, from, to, reason } = gap;
  const message = 'gap: records may have been lost before they were read';
  return [
    { type: 'commit', lines: [{ type: 'gap', ...gap }, line] },
    log.error({ event: 'gap.found', ShardId, cause, from, to, reason }, message),
  ];
}
