import { relative, resolve } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import { toJsonLine } from '../lib/escape.js';
import type { Deletions, Format, ItemEntry, Layout, Log } from '../ports/index.js';
import { checkUpload } from '../watch/open-upload.js';
import type { WatchOptions } from '../watch/options.js';
import type { TableTag } from '../watch/tables-options.js';
import type { ConnectionOptions } from './command.js';
import type { Io } from './io.js';
import type { S3Options } from './s3-options.js';
import type { LiveLine } from './status-line.js';
import type { Monitored, MonitorOptions } from './watch-monitor.js';

export interface WatchCommandOptions extends ConnectionOptions, MonitorOptions, Pick<S3Options, 's3EndpointUrl'> {
  /** Names or ARNs: several, or besides patterns and tags. Otherwise there is `table`. */
  readonly tables: readonly string[];
  readonly tablePattern: readonly string[];
  readonly tag: readonly TableTag[];
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
  /** Milliseconds. */
  readonly maxLag?: number;
  readonly json?: boolean;
  readonly upload?: string;
  readonly deleteUploaded?: boolean;
  readonly spoolLimit?: number;
}

/** What an archiving is shown with. */
export interface Archiving {
  readonly io: Io;
  readonly log: Log;
  readonly liveLine: LiveLine;
  readonly monitored: Monitored;
}

/** Several tables may have to be archived, each into a folder of its own. */
export function choosesTables({ tables, tablePattern, tag }: WatchCommandOptions): boolean {
  return tables.length + tablePattern.length + tag.length > 0;
}

/** Throws USAGE, before anything is started, for options that contradict each other, and when the SDK for S3 is missing. */
export async function checkWatchOptions(options: WatchCommandOptions): Promise<void> {
  checkIntervals(options);
  checkLayout(options);
  await checkUploadOptions(options);
}

/** The options of the core, but for the table. */
export function coreOptions(
  options: WatchCommandOptions,
  io: Io,
): Omit<WatchOptions, 'table' | 'onArchived'> & { readonly out: string } {
  const { once = false, from, deletions, layout, format, compress, segmentSize } = options;
  const { pollInterval, maxPollInterval, concurrency, maxLag } = options;
  const out = resolve(io.cwd, options.out);
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
    maxLag,
    upload: uploadOf(options),
  };
}

/**
 * Prints the items that were archived into the folder `out`: their paths, relative to the folder of the command, or with
 * --json their entries with those paths. Returns the promise of an output that is behind.
 */
export function itemPrinter({ json }: WatchCommandOptions, out: string, { cwd, stdout }: Io) {
  const folder = relative(cwd, out);
  const pathOf = (item: ItemEntry): string => (folder === '' ? item.file : `${folder}/${item.file}`);
  const lineOf = (item: ItemEntry) =>
    json === true ? toJsonLine({ ...item, file: pathOf(item) }) : `${pathOf(item)}\n`;
  return (items: readonly ItemEntry[]): Promise<void> | undefined => {
    stdout.write(items.map(lineOf).join(''));
    return stdout.drained?.();
  };
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
