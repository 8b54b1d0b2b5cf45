import { TtlArchiveError } from '../errors.js';
import { openJournal } from '../journal/open-journal.js';
import { readSegmentHistory } from '../journal/segment-history.js';
import { toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { type ArchiveFolder, openFolderIfAny } from '../reading/archive-folder.js';
import { archivesInside, chooseArchive } from '../reading/choose-archive.js';
import { openFolder } from '../reading/open-archive.js';
import { totalsByDay } from '../report/days.js';
import { folderItems } from '../restore/find-in-folder.js';
import { type ArchiveStatus, statusOf } from './archive-status.js';
import { checkFailed } from './given-up.js';
import type { Io } from './io.js';
import { repeatOnScreen } from './repeat-on-screen.js';
import { type StatusOptions, showObjectStatus } from './status-objects.js';
import { readTables, tablesExitStatus, tablesJson, tablesText } from './status-tables.js';
import { statusText } from './status-text.js';
import { findWatcher } from './watcher.js';
import { widthOf } from './wrap.js';

/** Milliseconds between two looks with `--watch`. */
const INTERVAL = 2000;

/** Runs `status`. Reads the archive only, without DynamoDB or the lock. */
export async function runStatus(given: StatusOptions, io: Io): Promise<number | void> {
  checkFailed(given);
  const options = { ...given, out: await chooseArchive(given, given, io) };
  const { out, json = false, watch = false } = options;
  if (isS3Url(out)) {
    if (watch) throw watchNeedsFolder();
    return showObjectStatus(options, io);
  }
  let exitStatus = 0;
  const show = async (): Promise<string> => {
    const shown = await currentStatus(options, io);
    ({ exitStatus } = shown);
    return shown.text;
  };
  if (!watch) {
    io.stdout.write(await show());
    return exitStatus;
  }
  // Text is told apart by an empty line where it is not shown on a screen.
  const separator = json || io.stdout.isTTY === true ? '' : '\n';
  await repeatOnScreen(
    { io, clock: systemClock },
    { interval: INTERVAL, append: json },
    async () => `${await show()}${separator}`,
  );
}

interface Shown {
  readonly text: string;
  readonly exitStatus: number;
}

async function currentStatus(options: StatusOptions, io: Io): Promise<Shown> {
  const { out, json } = options;
  // Before the journal: the watcher's numbers must not be newer than the journal's.
  const now = systemClock.now();
  const names = (await openFolderIfAny(out, io)) === undefined ? await archivesInside(out, io) : [];
  if (names.length > 0) {
    const tables = await readTables(names, async (name) =>
      readStatus(await openFolder(`${out}/${name}`, io), options, now),
    );
    return { text: json === true ? tablesJson(tables) : tablesText(tables), exitStatus: tablesExitStatus(tables) };
  }
  const status = await readStatus(await openFolder(out, io), options, now);
  return { text: json === true ? toJsonLine(status) : statusText(status, out, now, widthOf(io.stdout)), exitStatus: 0 };
}

async function readStatus(
  archive: ArchiveFolder,
  { days: showsDays, maxLag: maxLagMs }: StatusOptions,
  now: number,
): Promise<ArchiveStatus> {
  const { disk, state: directory, facts } = archive;
  const watcher = await findWatcher(archive, now);
  const { state, end } = await openJournal({ disk, clock: systemClock }, { directory, readOnly: true });
  const range = end === undefined || state.uploads === undefined ? undefined : { from: state.uploads.upTo, to: end };
  const waiting = range && (await readSegmentHistory({ disk }, directory, range)).waiting;
  const days = showsDays === true ? await totalsByDay(folderItems(archive, {})) : undefined;
  return { ...statusOf({ archive: facts, state, waiting, watcher, now, maxLagMs }), ...(days && { days }) };
}

function watchNeedsFolder(): TtlArchiveError {
  return new TtlArchiveError('USAGE', 'status --watch shows an archive folder, and --out names an archive in S3.', {
    remedy: 'Leave --watch out, or name a folder.',
  });
}
