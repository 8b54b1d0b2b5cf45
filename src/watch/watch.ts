import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { diskWithin } from '../disk/node-disk.js';
import { SILENT_LOG } from '../lib/silent-log.js';
import { systemClock } from '../lib/system-clock.js';
import { type WatchOptions, withDefaults } from './options.js';
import type { WatchContext } from './run-context.js';
import type { WatchProgress, WatchSummary } from './summary.js';
import { WatchRun } from './watch-run.js';

export interface Watching {
  progress(): WatchProgress;
  /** Rejects with a TtlArchiveError; also resolves when gaps were recorded (`gaps`). */
  readonly done: Promise<WatchSummary>;
}

/**
 * Tails every shard of the table's stream and archives the items that TTL deleted, until the signal aborts, or with
 * `once` until what the stream held at the start is archived.
 *
 * When `done` rejects, everything archived until then stays archived, and the next run reads everything else.
 */
export function watch(options: WatchOptions, context: Partial<WatchContext> = {}): Watching {
  const connection = options.connection ?? {};
  const filled = withDefaults(options);
  const clock = context.clock ?? systemClock;
  const serverClock = new ServerClock(clock);
  const onDate = (date: string) => serverClock.setDate(date);
  const run = new WatchRun(filled, {
    log: context.log ?? SILENT_LOG,
    clock,
    awsTime: context.awsTime ?? serverClock,
    random: context.random ?? Math.random,
    disk: context.disk ?? diskWithin(options.out),
    streams: context.streams ?? createStreamsClient(connection, { maxSockets: filled.concurrency, onDate }),
    storage: context.storage,
    tables: context.tables ?? createTablesClient(connection, { onDate }),
  });
  return { progress: () => run.progress(), done: run.run() };
}
