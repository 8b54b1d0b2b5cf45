import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { diskWithin } from '../disk/node-disk.js';
import { systemClock } from '../lib/system-clock.js';
import type { Log } from '../ports/index.js';
import { type WatchOptions, withDefaults } from './options.js';
import type { WatchTools } from './run-context.js';
import type { WatchProgress, WatchSummary } from './summary.js';
import { WatchRun } from './watch-run.js';

export interface Watching {
  progress(): WatchProgress;
  /** Rejects with a TtlArchiveError; resolves also when a gap was recorded (`gaps` tells). */
  readonly done: Promise<WatchSummary>;
}

const SILENT: Log = { debug: noop, info: noop, warn: noop, error: noop };

/**
 * Tails every shard of the table's stream and archives the items that TTL deleted, until the signal aborts, or with
 * `once` until what the stream held at the start is archived.
 *
 * `done` rejects with a TtlArchiveError when going on is impossible; everything archived until then stays archived, and
 * everything else lies ahead of the checkpoints.
 */
export function watch(options: WatchOptions, tools: Partial<WatchTools> = {}): Watching {
  const connection = options.connection ?? {};
  const filled = withDefaults(options);
  const clock = tools.clock ?? systemClock;
  const serverClock = new ServerClock(clock);
  const onDate = (date: string) => serverClock.setDate(date);
  const run = new WatchRun(filled, {
    log: tools.log ?? SILENT,
    clock,
    awsTime: tools.awsTime ?? serverClock,
    random: tools.random ?? Math.random,
    disk: tools.disk ?? diskWithin(options.out),
    streams: tools.streams ?? createStreamsClient(connection, { maxSockets: filled.concurrency, onDate }),
    tables: tools.tables ?? createTablesClient(connection, { onDate }),
  });
  return { progress: () => run.progress(), done: run.run() };
}

function noop(): void {}
