import type { Watching } from '../watch/watching.js';
import type { DeliverOptions } from './delivery-options.js';
import { deliverTo } from './sink-receiver.js';

/**
 * Gives every deletion by TTL to a sink of your own, at least once, in the order of each shard. The checkpoint moves past
 * deletions when the sink's `write` has resolved. `done` rejects with what `write` rejected with, or a TtlArchiveError.
 *
 * Throws USAGE when the ARN of the table contradicts the connection's region.
 */
export function deliver(options: DeliverOptions): Watching {
  return deliverTo(options);
}
