import { TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { openFolderIfAny } from '../reading/archive-folder.js';
import { archivesInside, chooseArchive } from '../reading/choose-archive.js';
import type { Finding } from '../verify/finding.js';
import { checkFailed } from './given-up.js';
import type { Io } from './io.js';
import { formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import { reportError } from './report-error.js';
import { createLiveLine } from './status-line.js';
import { openVerifier, type Report, type VerifyOptions } from './verifier.js';
import { findingLine } from './verify-text.js';
import { checkWindow } from './window-options.js';
import { worstStatus } from './worst-status.js';

/** Bounds the memory; the counts are complete. */
const MAX_IN_JSON = 10_000;

const REMEDY = {
  folder:
    'Restore missing and altered files from a backup and move unlisted files elsewhere. ' +
    'Files left by an interrupted watch are adopted by its next run.',
  objects: 'Restore missing and altered objects from their earlier versions in the bucket, or from a backup.',
};

/**
 * Runs `verify`, for each of several tables in a folder. Throws NOT_VERIFIED on a mismatch, and the signal's reason when
 * interrupted; of several tables each error is reported, and the worst exit status returned.
 */
export async function runVerify(given: VerifyOptions, io: Io): Promise<number | void> {
  checkOptions(given);
  const options = { ...given, out: await chooseArchive(given, given, io) };
  const { out, json } = options;
  const isArchive = isS3Url(out) || (await openFolderIfAny(out, io)) !== undefined;
  const names = isArchive ? [] : await archivesInside(out, io);
  if (names.length === 0) return verifyOne(options, io);
  const statuses: number[] = [];
  for (const name of names) {
    const inside = { ...options, out: `${out}/${name}` };
    if (json !== true) io.stdout.write(`${escapeText(inside.out)}:\n`);
    try {
      await verifyOne(inside, io, name);
    } catch (error) {
      if (io.signal.aborted) throw error;
      statuses.push(reportError(error, io, options));
    }
  }
  return worstStatus(statuses);
}

/** @param table With --json: of several tables, the one that this is. */
async function verifyOne(options: VerifyOptions, realIo: Io, table?: string): Promise<void> {
  const { out, json } = options;
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const mismatches: Finding[] = [];
  let checked = 0;
  let total: number | undefined;
  const report: Report = {
    onFinding: (finding) => {
      if (json !== true) io.stdout.write(findingLine(finding));
      else if (mismatches.length < MAX_IN_JSON) mismatches.push(finding);
    },
    onProgress: (items) => {
      checked = items;
    },
    onTotal: (items) => {
      total = items;
    },
  };
  const verify = await openVerifier(options, io);
  showProgress(liveLine, () => ({ done: checked, total, verb: 'verified' }));
  const { verification, summary } = await verify(report).finally(() => liveLine.stop());
  const { findings, interrupted } = verification;
  const found = Object.values(findings).reduce((sum, count) => sum + count, 0);
  if (json === true) {
    const omitted = found - mismatches.length;
    io.stdout.write(toJsonLine({ table, verified: found === 0 && !interrupted, ...verification, mismatches, omitted }));
  } else io.stdout.write(summary);
  // The unchecked rest is unknown: the signal decides the exit status.
  if (interrupted) throw io.signal.reason;
  if (found === 0) return;
  const kinds = Object.entries(findings).map(([kind, count]) => `${formatCount(count)} ${kind}`);
  throw new TtlArchiveError('NOT_VERIFIED', `Verification failed in ${escapeText(out)}: ${kinds.join(', ')}.`, {
    remedy: isS3Url(out) ? REMEDY.objects : REMEDY.folder,
  });
}

function checkOptions({ out, since, until, failed }: VerifyOptions): void {
  checkFailed({ out, ...(failed !== undefined && { failed }) });
  checkWindow({ ...(since !== undefined && { since }), ...(until !== undefined && { until }) });
  if (isS3Url(out) || (since === undefined && until === undefined)) return;
  throw new TtlArchiveError('USAGE', '--since and --until need an archive in S3.', {
    remedy: 'Leave them out: the journal of an archive folder is checked from its beginning.',
  });
}
