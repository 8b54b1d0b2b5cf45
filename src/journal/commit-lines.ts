import { TtlArchiveError } from '../errors.js';
import type { JournalLine, JournalState, StorageFacts } from '../ports/index.js';

/** Item lines are directly before the last line, which closes them: a crash in between commits none of them. */
export function isCommit(lines: readonly JournalLine[]): boolean {
  const firstItem = lines.findIndex((line) => line.type === 'item');
  const closing = lines.findIndex((line, index) => line.type !== 'item' && (firstItem < 0 || index > firstItem));
  return closing >= 0 && (firstItem < 0 || closing === lines.length - 1);
}

/** The line with facts about what is stored: a copy of a checkpoint, because older versions know no type for them alone. */
export function segmentLine({ checkpoints }: JournalState, facts: StorageFacts): JournalLine {
  for (const shards of checkpoints.values()) {
    for (const checkpoint of shards.values()) return { type: 'checkpoint', ...checkpoint, ...facts };
  }
  throw new TtlArchiveError('INTERNAL', 'A journal without a checkpoint has no items.');
}
