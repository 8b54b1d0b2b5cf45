import { TtlArchiveError } from '../errors.js';
import { openJournal } from '../journal/open-journal.js';
import { readSegmentHistory } from '../journal/segment-history.js';
import { toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { openFolder } from '../reading/open-archive.js';
import { totalsByDay } from '../report/days.js';
import { folderItems } from '../restore/find-in-folder.js';
import { statusOf } from './archive-status.js';
import { checkFailed } from './given-up.js';
import type { Io } from './io.js';
import { repeatOnScreen } from './repeat-on-screen.js';
import { type StatusOptions, showObjectStatus } from './status-objects.js';
import { statusText } from './status-text.js';
import { findWatcher } from './watcher.js';
import { widthOf } from './wrap.js';

/** Milliseconds between two looks with `--watch`. */
const INTERVAL = 2000;

/** Runs `status`. Reads the archive only, without DynamoDB or the lock. */
export async function runStatus(options: StatusOptions, io: Io): Promise<void> {
  const { out, json = false, watch = false } = options;
  checkFailed(options);
  if (isS3Url(out)) {
    if (watch) throw watchNeedsFolder();
    return showObjectStatus(options, io);
  }
  if (!watch) return void io.stdout.write(await currentStatus(options, io));
  // Text is told apart by an empty line where it is not shown on a screen.
  const separator = json || io.stdout.isTTY === true ? '' : '\n';
  const text = async (): Promise<string> => `${await currentStatus(options, io)}${separator}`;
  await repeatOnScreen({ io, clock: systemClock }, { interval: INTERVAL, append: json }, text);
}

async function currentStatus({ out, json, days: showsDays, maxLag: maxLagMs }: StatusOptions, io: Io): Promise<string> {
  const archive = await openFolder(out, io);
  const { disk, state: directory, facts } = archive;
  // Before the journal: the watcher's numbers must not be newer than the journal's.
  const now = systemClock.now();
  const watcher = await findWatcher(archive, now);
  const { state, end } = await openJournal({ disk, clock: systemClock }, { directory, readOnly: true });
  const range = end === undefined || state.uploads === undefined ? undefined : { from: state.uploads.upTo, to: end };
  const waiting = range && (await readSegmentHistory({ disk }, directory, range)).waiting;
  const days = showsDays === true ? await totalsByDay(folderItems(archive, {})) : undefined;
  const status = { ...statusOf({ archive: facts, state, waiting, watcher, now, maxLagMs }), ...(days && { days }) };
  return json === true ? toJsonLine(status) : statusText(status, out, now, widthOf(io.stdout));
}

function watchNeedsFolder(): TtlArchiveError {
  return new TtlArchiveError('USAGE', 'status --watch shows an archive folder, and --out names an archive in S3.', {
    remedy: 'Leave --watch out, or name a folder.',
  });
}
