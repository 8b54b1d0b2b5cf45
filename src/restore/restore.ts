import { createPacer } from '../lib/pacer.js';
import { TaskPool } from '../lib/task-pool.js';
import { ItemPutter } from './item-putter.js';
import type { RestoreCounts } from './restore-counts.js';
import type { RestoreInput } from './restore-input.js';

const CONCURRENCY = 16;

/**
 * Puts archived items back. An item in the table is replaced only with `overwrite`, or when this run (or an interrupted
 * one) put an older version of it. Running it again leads to the same state.
 *
 * An item that fails for a reason of its own is passed to `onFailed`, and the others continue. Throws errors that concern
 * all items (no table, another key, access denied, an endpoint that does not respond), and the signal's reason.
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
  await putter.failMismatches();
  return putter.counts;
}
