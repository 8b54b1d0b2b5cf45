import type { WatchOptions } from '../watch/options.js';
import { watch as run } from '../watch/watch.js';
import type { Watching } from '../watch/watching.js';
import { connectionTo } from './connect.js';
import { namedWatching } from './named-watching.js';
import { renamedLog, WATCH_NAMES } from './option-names.js';

/**
 * Tails every shard of the table's stream and archives the items that TTL deleted, until the signal aborts, or with
 * `once` until what the stream held at the start is archived.
 *
 * When `done` rejects, everything archived until then stays archived, and the next run reads everything else. Throws USAGE
 * when the ARN of the table contradicts the connection's region.
 */
export function watch(options: WatchOptions): Watching {
  const { table, log } = options;
  return namedWatching(WATCH_NAMES, () =>
    run({
      ...options,
      connection: connectionTo(table, options.connection),
      log: log && renamedLog(log, WATCH_NAMES),
    }),
  );
}
