import { createPacer } from '../lib/pacer.js';
import { TaskPool } from '../lib/task-pool.js';
import { ItemPutter } from './item-putter.js';
import type { RestoreCounts, RestoreInput } from './restore-input.js';

const CONCURRENCY = 16;

/**
 * Puts archived items back. An item that is in the table is never replaced, unless `overwrite` says so or this very run
 * (or one that was interrupted) put an older version of it. Doing it again ends in the same state.
 *
 * An item that fails for a reason of its own is handed to `onFailed`, and the others go on. Throws the TtlArchiveError
 * of what concerns them all: no table, another key, no permission, an endpoint that stays silent; and the signal's reason.
 */
export async function restoreItems(input: RestoreInput): Promise<RestoreCounts> {
  const pool = new TaskPool(input.concurrency ?? CONCURRENCY);
  const pace = createPacer(input.dryRun ? undefined : input.rate, input.clock);
  const putter = new ItemPutter(input);
  for (const { source, versions } of input.sources) {
    input.onSource?.(source);
    try {
      for await (const candidate of source.candidates()) {
        await pace(input.signal);
        input.signal?.throwIfAborted();
        await pool.run(() => putter.take(candidate, versions));
      }
    } finally {
      await pool.drain();
    }
  }
  await putter.giveUpFitting();
  return putter.counts;
}
