import { walkFolder } from '../disk/walk-folder.js';
import { TtlArchiveError } from '../errors.js';
import { openJournal } from '../journal/open-journal.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { shellWord } from '../lib/shell-word.js';
import { systemClock } from '../lib/system-clock.js';
import type { Finding } from '../verify/finding.js';
import { type Verification, verifyArchive } from '../verify/verify.js';
import type { OnlyInS3 } from '../verify/verify-segment.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { openFolder } from './open-archive.js';
import { createLiveLine } from './status-line.js';

export interface VerifyOptions extends LogOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Bounds the memory; the counts are complete. */
const MAX_IN_JSON = 10_000;

/** Runs `verify`. Throws NOT_VERIFIED on a mismatch, and the signal's reason when interrupted. */
export async function runVerify({ out, json }: VerifyOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const { disk, directory, state, journal } = await openFolder(out, io);
  const mismatches: Finding[] = [];
  let checked = 0;
  liveLine.start(() => `${formatCount(checked)} items verified`);
  let verification: Verification;
  try {
    verification = await verifyArchive({
      disk,
      directory,
      journal,
      openJournal: () => openJournal({ disk, clock: systemClock }, { directory: state, readOnly: true }),
      files: (onUnreadable) => walkFolder(directory, onUnreadable),
      clock: systemClock,
      onFinding: (finding) => {
        if (json !== true) io.stdout.write(findingLine(finding));
        else if (mismatches.length < MAX_IN_JSON) mismatches.push(finding);
      },
      onProgress: (items) => {
        checked = items;
      },
      signal: io.signal,
    });
  } finally {
    liveLine.stop();
  }
  const { findings, interrupted } = verification;
  const total = Object.values(findings).reduce((sum, count) => sum + count, 0);
  if (json === true) {
    const omitted = total - mismatches.length;
    io.stdout.write(toJsonLine({ verified: total === 0 && !interrupted, ...verification, mismatches, omitted }));
  } else io.stdout.write(summary(verification));
  // The unchecked rest is unknown: the signal decides the exit status.
  if (interrupted) throw io.signal.reason;
  if (total === 0) return;
  const kinds = Object.entries(findings).map(([kind, count]) => `${formatCount(count)} ${kind}`);
  throw new TtlArchiveError('NOT_VERIFIED', `Verification failed in ${escapeText(out)}: ${kinds.join(', ')}.`, {
    remedy:
      'Restore missing and altered files from a backup and move unlisted files elsewhere. ' +
      'Files left by an interrupted watch are adopted by its next run.',
  });
}

function findingLine({ kind, file, detail, journal }: Finding): string {
  const where = journal === undefined ? '' : ` (journal ${journal})`;
  return `${escapeText(`${kind.padEnd(12)}  ${file}: ${detail}${where}`)}\n`;
}

function summary(verification: Verification): string {
  const { items, bytes, segments, gaps, unrelated, unreadable, findings, interrupted, onlyInS3 } = verification;
  const what = counted(items, 'item') + (segments > 0 ? ` in ${counted(segments, 'segment')}` : '');
  const outcome = interrupted
    ? 'checked: interrupted before the end'
    : Object.keys(findings).length === 0
      ? 'verified: all intact'
      : 'checked';
  const lines = [
    ...gaps.map(
      ({ ShardId, from, to, reason }) => `gap           ${ShardId}  ${from ?? 'the beginning'} to ${to}: ${reason}`,
    ),
    ...unreadable.map((folder) => `warning       ${folder}: unrelated folder, cannot be listed`),
    ...(unrelated > 0 ? [`${counted(unrelated, 'unrelated file')} ignored`] : []),
    `${what}, ${formatBytes(bytes)}, ${outcome}`,
    ...inS3Lines(onlyInS3),
  ];
  return lines.map((text) => `${escapeText(text)}\n`).join('');
}

/** What was not checked, and the commands that check it. */
function inS3Lines({ segments, bytes, to }: OnlyInS3): string[] {
  if (segments === 0) return [];
  const which = `${counted(segments, 'segment')} of these (${formatBytes(bytes)})`;
  return [
    `${which} ${segments === 1 ? 'is' : 'are'} in S3 and not here, and not checked; to check there:`,
    ...to.map((url) => `  ttl-archive verify --out ${shellWord(url)}`),
  ];
}
