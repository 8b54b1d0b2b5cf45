import { relative, resolve } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import { toJsonLine } from '../lib/escape.js';
import type { Deletions, Format, ItemEntry, Layout, Log } from '../ports/index.js';
import { checkUpload } from '../watch/open-upload.js';
import type { WatchOptions } from '../watch/options.js';
import type { WatchSummary } from '../watch/summary.js';
import { watch } from '../watch/watch.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import { fieldLine } from './field-line.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { createRate } from './rate.js';
import { stoppedStatus, writesJson } from './report-error.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine, type LiveLine } from './status-line.js';
import { type Monitored, type MonitorOptions, withMonitor } from './watch-monitor.js';
import { progressFields, summaryFacts, summaryText } from './watch-text.js';
import { widthOf } from './wrap.js';

export interface WatchCommandOptions extends ConnectionOptions, MonitorOptions, Pick<S3Options, 's3EndpointUrl'> {
  readonly out: string;
  readonly once?: boolean;
  readonly from: 'trim-horizon' | 'latest';
  readonly deletions: Deletions;
  readonly layout: Layout;
  readonly format: Format;
  readonly compress?: 'gzip' | 'none';
  readonly segmentSize?: number;
  readonly pollInterval: number;
  readonly maxPollInterval: number;
  readonly concurrency: number;
  readonly json?: boolean;
  readonly upload?: string;
  readonly deleteUploaded?: boolean;
  readonly spoolLimit?: number;
}

/** The exit status of a run that recorded a gap. */
const GAP = 5;

/** Runs `watch`. */
export async function runWatch(options: WatchCommandOptions, realIo: Io): Promise<number> {
  checkIntervals(options);
  checkLayout(options);
  await checkUploadOptions(options);
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = createLog(options, io);
  // First, so that a port that is taken is reported at once.
  return withMonitor(options, { io, log }, (monitored) => archive(options, { io, log, liveLine, monitored }));
}

interface Archiving {
  readonly io: Io;
  readonly log: Log;
  readonly liveLine: LiveLine;
  readonly monitored: Monitored;
}

function archive(options: WatchCommandOptions, { io, log, liveLine, monitored }: Archiving): Promise<number> {
  return withConnection({ options, io, log, setUp: true }, async ({ connection, table, clock, signal }) => {
    const watching = watch({ ...coreOptions(options, io), connection, table, signal }, { log, clock });
    monitored(table, watching);
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
      else if (isShown) io.stderr.write(summaryText(summary, once, widthOf(io.stderr)));
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

function coreOptions(options: WatchCommandOptions, io: Io): Omit<WatchOptions, 'table'> {
  const { once = false, from, deletions, layout, format, compress, segmentSize } = options;
  const { pollInterval, maxPollInterval, concurrency } = options;
  const out = resolve(io.cwd, options.out);
  const print = itemPrinter(options, out, io.cwd);
  return {
    out,
    once,
    from,
    deletions,
    layout,
    format,
    compress,
    segmentSize,
    pollInterval,
    maxPollInterval,
    concurrency,
    upload: uploadOf(options),
    onArchived: (items) => {
      io.stdout.write(items.map(print).join(''));
      return io.stdout.drained?.();
    },
  };
}

/** Prints the path, relative to the folder of the command, or with --json the entry with that path. */
function itemPrinter({ json }: WatchCommandOptions, out: string, cwd: string): (item: ItemEntry) => string {
  const folder = relative(cwd, out);
  const pathOf = (item: ItemEntry): string => (folder === '' ? item.file : `${folder}/${item.file}`);
  return json === true ? (item) => toJsonLine({ ...item, file: pathOf(item) }) : (item) => `${pathOf(item)}\n`;
}

/** Throws USAGE for options that the layout would ignore. */
function checkLayout({ layout, compress, segmentSize }: WatchCommandOptions): void {
  if (layout === 'segments' || (compress === undefined && segmentSize === undefined)) return;
  const option = compress === undefined ? '--segment-size' : '--compress';
  throw new TtlArchiveError('USAGE', `${option} needs --layout segments.`, {
    remedy: `Add --layout segments, or leave ${option} out.`,
  });
}

function uploadOf({
  upload: to,
  s3EndpointUrl,
  deleteUploaded,
  spoolLimit,
}: WatchCommandOptions): WatchOptions['upload'] {
  return to === undefined ? undefined : { to, endpointUrl: s3EndpointUrl, deleteUploaded, spoolLimit };
}

/** Throws USAGE, before anything is started, for options that contradict an upload, and when the SDK is not installed. */
async function checkUploadOptions(options: WatchCommandOptions): Promise<void> {
  const { upload, deleteUploaded, spoolLimit, layout, format } = options;
  if (upload === undefined) {
    const option =
      deleteUploaded === true ? '--delete-uploaded' : spoolLimit === undefined ? undefined : '--spool-limit';
    if (option === undefined) return;
    throw new TtlArchiveError('USAGE', `${option} needs --upload.`, {
      remedy: `Say where to upload to, as with --upload s3://my-bucket/orders, or leave ${option} out.`,
    });
  }
  const { compress = 'gzip', segmentSize = 0 } = options;
  checkUpload({ layout, format, compress, segmentSize, upload: { to: upload } });
  const { s3Sdk } = await import('../s3/sdk.js');
  s3Sdk();
}

function checkIntervals({ pollInterval, maxPollInterval }: WatchCommandOptions): void {
  if (pollInterval <= maxPollInterval) return;
  throw new TtlArchiveError('USAGE', 'The --poll-interval is longer than the --max-poll-interval.', {
    remedy: 'Give a --max-poll-interval that is at least as long.',
  });
}
