import type { WatchTablesOptions } from '../watch/tables-options.js';
import type { TablesSummary } from '../watch/tables-summary.js';
import { watchTables as run, type WatchingTables } from '../watch/watch-tables.js';
import { connectionTo } from './connect.js';
import { renamedError, renamedFailure, renamedLog, startWithNames, WATCH_NAMES, withNames } from './option-names.js';

/**
 * As `watch`, for several tables: each has an archive of its own, in `<out>/<table>`. They share connections, calls in
 * flight and memory, fairly. Tables that patterns or tags choose are looked for every two minutes. A table that fails
 * does not stop the others, and is tried again.
 *
 * Throws USAGE when the ARNs of the tables contradict each other, or the connection's region.
 */
export function watchTables(options: WatchTablesOptions): WatchingTables {
  const { tables = [], connection, log } = options;
  const watching = startWithNames(WATCH_NAMES, () =>
    run({
      ...options,
      connection: connectionTo(tables, connection),
      log: log && renamedLog(log, WATCH_NAMES),
    }),
  );
  return {
    progress: () => watching.progress(),
    done: withNames(WATCH_NAMES, async () => renamed(await watching.done)),
  };
}

function renamed({ tables, ...summary }: TablesSummary): TablesSummary {
  return {
    ...summary,
    tables: tables.map(({ failure, uploadFailure, ...outcome }) => ({
      ...outcome,
      ...(failure !== undefined && { failure: renamedError(failure, WATCH_NAMES) }),
      ...(uploadFailure !== undefined && { uploadFailure: renamedFailure(uploadFailure, WATCH_NAMES) }),
    })),
  };
}
