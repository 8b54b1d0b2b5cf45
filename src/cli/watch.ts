import type { WatchSummary } from '../watch/summary.js';
import { watch } from '../watch/watch.js';
import { withConnection } from './connect.js';
import { fieldLine } from './field-line.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { createRate } from './rate.js';
import { stoppedStatus, writesJson } from './report-error.js';
import { createLiveLine } from './status-line.js';
import { withMonitor } from './watch-monitor.js';
import {
  type Archiving,
  checkWatchOptions,
  choosesTables,
  coreOptions,
  itemPrinter,
  type WatchCommandOptions,
} from './watch-options.js';
import { archiveTables } from './watch-tables.js';
import { progressFields, summaryFacts, summaryText } from './watch-text.js';
import { terminalWidthOf } from './wrap.js';

/** The exit status of a run that recorded a gap. */
const GAP = 5;

/** Runs `watch`. */
export async function runWatch(options: WatchCommandOptions, realIo: Io): Promise<number> {
  await checkWatchOptions(options);
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = createLog(options, io);
  // First, so that a port that is taken is reported at once.
  return withMonitor(options, { io, log }, (monitored) => {
    const archiving = { io, log, liveLine, monitored };
    return choosesTables(options) ? archiveTables(options, archiving) : archive(options, archiving);
  });
}

function archive(options: WatchCommandOptions, { io, log, liveLine, monitored }: Archiving): Promise<number> {
  return withConnection({ options, io, log, setUp: true }, async ({ connection, table, clock, signal }) => {
    const core = coreOptions(options, io);
    const onArchived = itemPrinter(options, core.out, io);
    const watching = watch({ ...core, connection, table, signal, onArchived }, { log, clock });
    monitored(() => [{ table, progress: watching.progress() }]);
    if (!writesJson(options, io) && options.logLevel !== 'silent') {
      const rate = createRate(() => clock.now());
      liveLine.start((columns) => {
        const progress = watching.progress();
        return fieldLine(progressFields(progress, rate(progress.records)), columns);
      });
    }
    const printSummary = (summary: WatchSummary): void => {
      const once = options.once === true;
      const isShown = ['trace', 'debug', 'info'].includes(options.logLevel);
      if (writesJson(options, io)) log.info({ event: 'watch.summary', ...summaryFacts(summary, once) }, 'summary');
      else if (isShown) io.stderr.write(summaryText(summary, once, terminalWidthOf(io.stderr)));
    };
    try {
      const summary = await watching.done;
      liveLine.stop();
      printSummary(summary);
      if (summary.gaps.length > 0) return GAP;
      if (options.once === true && summary.uploadFailure !== undefined) throw summary.uploadFailure;
      return options.once === true && summary.interrupted ? stoppedStatus(io.signal) : 0;
    } finally {
      liveLine.stop();
    }
  });
}
