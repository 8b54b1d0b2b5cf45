import type { DeliveryOptions } from './delivery-options.js';
import { iterateDeletions } from './iterate-deletions.js';
import type { TtlDeletions } from './ttl-deletions.js';

/**
 * Reads the deletions by TTL of a table. What is not acknowledged is delivered again by the next iteration; so is what was
 * acknowledged less than a second before the process was killed.
 *
 * Few pages are read ahead, so a slow consumer holds little in memory, and one that waits for more deletions before it
 * acknowledges any may wait for ever. The iteration begins with the first `next`; it ends when the signal aborts, with
 * `break`, and with `once` when all are acknowledged. It throws a TtlArchiveError, after which all others are read again.
 */
export function readTtlDeletions(options: DeliveryOptions): TtlDeletions {
  return iterateDeletions(options);
}
