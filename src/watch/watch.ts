import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { diskWithin } from '../disk/node-disk.js';
import { SILENT_LOG } from '../lib/silent-log.js';
import { systemClock } from '../lib/system-clock.js';
import type { Connection } from '../ports/index.js';
import { archiveDestination } from './archive-destination.js';
import type { CreateDestination } from './destination.js';
import { type RunOptions, type WatchOptions, withDefaults } from './options.js';
import type { WatchContext } from './run-context.js';
import { WatchRun } from './watch-run.js';
import type { Watching } from './watching.js';

/**
 * Tails every shard of the table's stream and archives the items that TTL deleted, until the signal aborts, or with
 * `once` until what the stream held at the start is archived.
 *
 * When `done` rejects, everything archived until then stays archived, and the next run reads everything else.
 */
export function watch(options: WatchOptions, context: Partial<WatchContext> = {}): Watching {
  const filled = withDefaults(options);
  const { connection = {}, out, log = SILENT_LOG } = filled;
  return startRun(filled, {
    connection,
    folder: out,
    destination: archiveDestination(filled),
    context: { log, ...context },
  });
}

interface Start {
  readonly connection: Connection;
  /** The folder that is written; nothing outside it is reached. */
  readonly folder: string;
  readonly destination: CreateDestination;
  /** What tests replace. */
  readonly context: Partial<WatchContext>;
}

/** Starts a run over the table's streams. */
export function startRun(options: RunOptions, { connection, folder, destination, context }: Start): Watching {
  const clock = context.clock ?? systemClock;
  const serverClock = new ServerClock(clock);
  const onDate = (date: string) => serverClock.setDate(date);
  const full: WatchContext = {
    log: context.log ?? SILENT_LOG,
    clock,
    awsTime: context.awsTime ?? serverClock,
    random: context.random ?? Math.random,
    disk: context.disk ?? diskWithin(folder),
    streams: context.streams ?? createStreamsClient(connection, { maxSockets: options.concurrency, onDate }),
    storage: context.storage,
    tables: context.tables ?? createTablesClient(connection, { onDate }),
  };
  const run = new WatchRun(options, full, destination);
  return { progress: () => run.progress(), done: run.run() };
}
