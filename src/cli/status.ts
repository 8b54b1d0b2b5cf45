import { openJournal } from '../journal/open-journal.js';
import { readSegmentHistory } from '../journal/segment-history.js';
import { toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { statusOf } from './archive-status.js';
import { checkFailed } from './given-up.js';
import type { Io } from './io.js';
import { openFolder } from './open-archive.js';
import { type StatusOptions, showObjectStatus } from './status-objects.js';
import { statusText } from './status-text.js';
import { findWatcher } from './watcher.js';

/** Runs `status`. Reads the archive only, without DynamoDB or the lock. */
export async function runStatus(options: StatusOptions, io: Io): Promise<void> {
  const { out, json } = options;
  checkFailed(options);
  if (isS3Url(out)) return showObjectStatus(options, io);
  const archive = await openFolder(out, io);
  const { disk, state: directory, facts } = archive;
  // Before the journal: the watcher's numbers must not be newer than the journal's.
  const now = systemClock.now();
  const watcher = await findWatcher(archive, now);
  const { state, end } = await openJournal({ disk, clock: systemClock }, { directory, readOnly: true });
  const range = end === undefined || state.uploads === undefined ? undefined : { from: state.uploads.upTo, to: end };
  const waiting = range && (await readSegmentHistory({ disk }, directory, range)).waiting;
  const status = statusOf({ archive: facts, state, waiting, watcher, now });
  io.stdout.write(json === true ? toJsonLine(status) : statusText(status, out, now));
}
