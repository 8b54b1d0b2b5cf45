import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { diskWithin } from '../disk/node-disk.js';
import { systemClock } from '../lib/system-clock.js';
import type {
  AwsTime,
  Clock,
  Connection,
  Deletions,
  Disk,
  Format,
  Gap,
  ItemEntry,
  Layout,
  Log,
  Random,
  StreamsClient,
  TablesClient,
} from '../ports/index.js';
import { WatchRun, type WatchRunOptions } from './watch-run.js';

export interface WatchOptions {
  readonly table: string;
  /** The archive folder. */
  readonly out: string;
  /** Archive what the stream holds now, then end. */
  readonly once?: boolean | undefined;
  readonly from?: 'trim-horizon' | 'latest' | undefined;
  readonly deletions?: Deletions | undefined;
  readonly layout?: Layout | undefined;
  readonly format?: Format | undefined;
  /** `segments` only. */
  readonly compress?: 'gzip' | 'none' | undefined;
  /** `segments` only: bytes of a segment (as stored) after which the next one begins. */
  readonly segmentSize?: number | undefined;
  /** Milliseconds. */
  readonly pollInterval?: number | undefined;
  /** Milliseconds. */
  readonly maxPollInterval?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly connection?: Connection | undefined;
  /** Finish the pages in hand, persist, and resolve. */
  readonly signal?: AbortSignal | undefined;
  /** Called once a page is committed, with the page's items. Its shard waits while a promise that it gives is pending. */
  readonly onArchived?: ((items: readonly ItemEntry[]) => unknown) | undefined;
}

/** Records that were read and not archived, by why. */
export interface Ignored {
  readonly insert: number;
  readonly modify: number;
  /** REMOVE not made by TTL. */
  readonly remove: number;
  /** An eventName that this version does not know. */
  readonly unknown: number;
}

export interface WatchProgress {
  readonly shards: { readonly open: number; readonly behind: number; readonly ended: number };
  readonly records: number;
  readonly archived: number;
  readonly archivedBytes: number;
  readonly ignored: Ignored;
  readonly getRecordsCalls: number;
  /**
   * Milliseconds since the oldest moment up to which a shard is known to be read: of a shard that is caught up, since the
   * last call that found nothing new. Undefined before the first page.
   */
  readonly lagMs: number | undefined;
  /** Milliseconds since the first of the calls that failed since the last success; undefined while calls succeed. */
  readonly failingMs: number | undefined;
}

export interface WatchSummary extends WatchProgress {
  readonly stream: string;
  readonly elapsedMs: number;
  /** The endpoint is on this machine: its calls cost nothing. */
  readonly isLoopback: boolean;
  /** The latest gaps, at most 1,000; those of a shard for deletions without OldImage are one. */
  readonly gaps: readonly Gap[];
  /** Gaps that were written into the journal, in all. */
  readonly gapCount: number;
  /** The signal ended the run before all was read that it was to read. Without `once` nothing else ends it. */
  readonly interrupted: boolean;
}

export interface Watching {
  progress(): WatchProgress;
  /** Rejects with a TtlArchiveError; resolves also when a gap was recorded (`gaps` tells). */
  readonly done: Promise<WatchSummary>;
}

/** What `watch` works with; tests put their own in. */
export interface WatchTools {
  readonly log: Log;
  readonly clock: Clock;
  readonly awsTime: AwsTime;
  readonly random: Random;
  readonly disk: Disk;
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
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
  const onDate = (date: string) => serverClock.hear(date);
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

/** Options with every default filled in; one that is given as undefined counts as not given. */
function withDefaults(options: WatchOptions): WatchRunOptions {
  const { once = false, from = 'trim-horizon', deletions = 'ttl', layout = 'files', format = 'item' } = options;
  const { compress = 'gzip', segmentSize = 64 * 1024 * 1024 } = options;
  const { pollInterval = 250, maxPollInterval = 5000, concurrency = 32 } = options;
  const how = { once, from, deletions, layout, format, compress, segmentSize };
  return { ...options, ...how, pollInterval, maxPollInterval, concurrency };
}

function noop(): void {}
