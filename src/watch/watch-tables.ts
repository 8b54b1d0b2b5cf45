import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { diskWithin } from '../disk/node-disk.js';
import { SILENT_LOG } from '../lib/silent-log.js';
import { systemClock } from '../lib/system-clock.js';
import { DEFAULT_CONCURRENCY } from './options.js';
import type { WatchContext } from './run-context.js';
import type { WatchTablesOptions } from './tables-options.js';
import { TablesRun } from './tables-run.js';
import type { TableProgress, TablesSummary } from './tables-summary.js';

export interface WatchingTables {
  /** In the order of their names. */
  progress(): readonly TableProgress[];
  /**
   * Rejects with a TtlArchiveError when nothing can be watched: USAGE for a choice of tables that is none, TABLE when the
   * folder is an archive, what the first listing throws. What happens to one table is in its outcome.
   */
  readonly done: Promise<TablesSummary>;
}

/**
 * As `watch`, for several tables in one process: each has an archive of its own, in `<out>/<table>`. They share the
 * connections and the room for calls and pages, fairly. Tables that patterns or tags choose are looked for every two
 * minutes. A table that fails does not stop the others, and is tried again.
 */
export function watchTables(options: WatchTablesOptions, context: Partial<WatchContext> = {}): WatchingTables {
  const { connection = {}, concurrency = DEFAULT_CONCURRENCY, log = SILENT_LOG } = options;
  const clock = context.clock ?? systemClock;
  const serverClock = new ServerClock(clock);
  const onDate = (date: string) => serverClock.setDate(date);
  const run = new TablesRun(options, {
    log: context.log ?? log,
    clock,
    awsTime: context.awsTime ?? serverClock,
    random: context.random ?? Math.random,
    disk: context.disk ?? diskWithin(options.out),
    streams: context.streams ?? createStreamsClient(connection, { maxSockets: concurrency, onDate }),
    storage: context.storage,
    tables: context.tables ?? createTablesClient(connection, { onDate }),
  });
  return { progress: () => run.progress(), done: run.run() };
}
