import { relative, resolve } from 'node:path';
import type { ItemEntry } from '../ports.js';
import { type Watching, type WatchOptions, type WatchSummary, watch } from '../watch.js';
import { type ConnectionOptions, tableName } from './command.js';
import { setUpMissingTable, withConnection } from './connect.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { formatBytes } from './numbers.js';
import { formatMonthlyCost } from './price.js';
import { StatusLine, statusText } from './status-line.js';

export interface WatchCommandOptions
  extends ConnectionOptions,
    Required<Omit<WatchOptions, 'table' | 'once' | 'connection' | 'signal' | 'onArchived'>> {
  readonly once?: boolean;
  readonly json?: boolean;
}

/** The exit status when records were, or may have been, trimmed before they were read. */
const GAP = 5;
const REDRAW_MS = 250;

/** Runs `watch`. */
export async function runWatch(options: WatchCommandOptions, io: Io): Promise<number> {
  const line = io.stderr.isTTY === true ? new StatusLine(io.stderr) : undefined;
  const around = (write: () => void) => (line === undefined ? write() : line.around(write));
  const stderr = { ...tty(io.stderr), write: (text: string) => around(() => io.stderr.write(text)) };
  const log = await createLog(options, { ...io, stderr });
  const table = tableName(options, io);
  const out = resolve(io.cwd, options.out);
  const summary = await withConnection(options, { io, log }, async (connection) => {
    if (options.local === true) await setUpMissingTable(connection, table, log, io.signal);
    const { from, deletions, layout, format, compress, segmentSize, concurrency, pollInterval, maxPollInterval } =
      options;
    const watching = watch(
      {
        table,
        out,
        once: options.once === true,
        from,
        deletions,
        layout,
        format,
        compress,
        segmentSize,
        concurrency,
        pollInterval,
        maxPollInterval,
        connection,
        signal: io.signal,
        onArchived: (items) => around(() => io.stdout.write(items.map(show).join(''))),
      },
      { log },
    );
    return withStatusLine(watching, line);
  });
  log.info(summaryFacts(summary), 'summary');
  return summary.gaps.length > 0 ? GAP : 0;

  function show(entry: ItemEntry): string {
    const path = relative(io.cwd, `${out}/${entry.file}`);
    return options.json === true ? toJsonLine({ path, ...entry }) : `${escapeText(path)}\n`;
  }
}

async function withStatusLine(watching: Watching, line: StatusLine | undefined): Promise<WatchSummary> {
  if (line === undefined) return watching.done;
  const times: { at: number; archived: number }[] = [];
  const timer = setInterval(() => {
    const progress = watching.progress();
    times.push({ at: performance.now(), archived: progress.archived });
    // The rate of the last five seconds.
    if (times.length > 5000 / REDRAW_MS) times.shift();
    const [first, last] = [times[0], times.at(-1)];
    const seconds = first === undefined || last === undefined ? 0 : (last.at - first.at) / 1000;
    const rate = seconds === 0 ? 0 : ((last?.archived ?? 0) - (first?.archived ?? 0)) / seconds;
    line.show(statusText(progress, rate));
  }, REDRAW_MS);
  try {
    return await watching.done;
  } finally {
    clearInterval(timer);
    line.clear();
  }
}

function summaryFacts({
  shards,
  records,
  archived,
  archivedBytes,
  ignored,
  getRecordsCalls,
  elapsedMs,
  gaps,
}: WatchSummary) {
  return {
    shards: shards.open + shards.ended,
    records,
    archived,
    bytes: formatBytes(archivedBytes),
    ignored: {
      INSERT: ignored.insert,
      MODIFY: ignored.modify,
      'REMOVE not by TTL': ignored.remove,
      unknown: ignored.unknown,
    },
    getRecordsCalls: `${getRecordsCalls} (${formatMonthlyCost(getRecordsCalls, elapsedMs)})`,
    seconds: Math.round(elapsedMs / 100) / 10,
    gaps: gaps.length,
  };
}

/** A stream's getters do not survive a spread. */
function tty({ isTTY, columns }: Io['stderr']) {
  return { ...(isTTY !== undefined && { isTTY }), ...(columns !== undefined && { columns }) };
}
