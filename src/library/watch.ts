import { SILENT_LOG } from '../lib/silent-log.js';
import type { Log } from '../ports/index.js';
import type { WatchOptions as RunOptions } from '../watch/options.js';
import { watch as run } from '../watch/watch.js';
import type { Watching } from '../watch/watching.js';
import { connectionTo } from './connect.js';

export interface WatchOptions extends RunOptions {
  /** Default: nothing is logged. A pino logger is one. */
  readonly log?: Log | undefined;
}

/**
 * Tails every shard of the table's stream and archives the items that TTL deleted, until the signal aborts, or with
 * `once` until what the stream held at the start is archived.
 *
 * When `done` rejects, everything archived until then stays archived, and the next run reads everything else.
 */
export function watch({ log = SILENT_LOG, ...options }: WatchOptions): Watching {
  return run({ ...options, connection: connectionTo(options.table, options.connection) }, { log });
}
