import type { Finding } from '../archive/finding.js';
import { type Verification, verifyArchive } from '../archive/verify.js';
import { walkFolder } from '../disk/walk-folder.js';
import { TtlArchiveError } from '../errors.js';
import { systemClock } from '../watch/system-clock.js';
import { openArchiveToRead } from './archive-to-read.js';
import type { LogOptions } from './command.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { formatBytes, formatCount } from './numbers.js';
import { createLiveLine } from './status-line.js';

export interface VerifyOptions extends LogOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** More mismatches than anybody reads in one JSON object; the counts are complete. */
const MOST_IN_JSON = 10_000;

/** Runs `verify`. Throws NOT_VERIFIED on a mismatch. */
export async function runVerify({ out, json }: VerifyOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const { disk, directory, journal } = await openArchiveToRead(out, io);
  const mismatches: Finding[] = [];
  let checked = 0;
  liveLine.start(() => `${formatCount(checked)} items checked`);
  let verification: Verification;
  try {
    verification = await verifyArchive({
      disk,
      directory,
      journal,
      files: () => walkFolder(directory, { skip: '.ttl-archive' }),
      clock: systemClock,
      onFinding: (finding) => {
        if (json !== true) io.stdout.write(findingLine(finding));
        else if (mismatches.length < MOST_IN_JSON) mismatches.push(finding);
      },
      onProgress: (items) => {
        checked = items;
      },
      signal: io.signal,
    });
  } finally {
    liveLine.stop();
  }
  const total = Object.values(verification.findings).reduce((sum, count) => sum + count, 0);
  if (json === true) {
    const omitted = total - mismatches.length;
    io.stdout.write(toJsonLine({ verified: total === 0, ...verification, mismatches, omitted }));
  } else io.stdout.write(summary(verification));
  if (total === 0) return;
  const kinds = Object.entries(verification.findings).map(([kind, count]) => `${formatCount(count)} ${kind}`);
  throw new TtlArchiveError('NOT_VERIFIED', `The archive in ${escapeText(out)} does not verify: ${kinds.join(', ')}.`, {
    remedy:
      'Put missing and altered files back from a backup and unlisted ones elsewhere; files that a killed watch left ' +
      'are listed when watch has run again.',
  });
}

function findingLine({ kind, file, detail, journal }: Finding): string {
  const where = journal === undefined ? '' : ` (journal ${journal})`;
  return `${escapeText(`${kind.padEnd(12)}  ${file}: ${detail}${where}`)}\n`;
}

function summary({ items, bytes, segments, gaps, foreign, findings }: Verification): string {
  const what = counted(items, 'item') + (segments > 0 ? ` in ${counted(segments, 'segment')}` : '');
  const lines = [
    ...gaps.map(
      ({ ShardId, from, to, reason }) => `gap           ${ShardId}  ${from ?? 'the beginning'} to ${to}: ${reason}`,
    ),
    ...(foreign > 0 ? [`left alone: ${counted(foreign, 'other file')}`] : []),
    `${what}, ${formatBytes(bytes)}, checked${Object.keys(findings).length === 0 ? ': all as they were archived' : ''}`,
  ];
  return lines.map((text) => `${escapeText(text)}\n`).join('');
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
