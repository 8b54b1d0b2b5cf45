import { TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { openFolderIfAny } from '../reading/archive-folder.js';
import { archivesInside, chooseArchive } from '../reading/choose-archive.js';
import { openFolder, openObjects } from '../reading/open-archive.js';
import { verifyFolder } from '../reading/verify-folder.js';
import { hoursOf } from '../restore/window.js';
import type { Finding } from '../verify/finding.js';
import { drawSample } from '../verify/sample.js';
import type { ObjectVerification, Verification } from '../verify/verification.js';
import { verifyObjects } from '../verify/verify-objects.js';
import { checkFailed, type FailedOptions, type GivenUp, givenUpLines, readGivenUp } from './given-up.js';
import type { Io } from './io.js';
import { itemsInFolder } from './items-in-folder.js';
import { formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import { reportError } from './report-error.js';
import { createLiveLine } from './status-line.js';
import { findingLine, folderSummary, objectsSummary } from './verify-text.js';
import { checkWindow, type WindowOptions } from './window-options.js';
import { worstStatus } from './worst-status.js';
import { terminalWidthOf } from './wrap.js';

export interface VerifyOptions extends FailedOptions, WindowOptions {
  readonly out: string;
  readonly table?: string;
  readonly sample?: number;
  readonly json?: boolean;
}

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
  const verify = await (isS3Url(out) ? objectsVerifier(options, io) : folderVerifier(options, io));
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

interface Report {
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress: (items: number) => void;
  readonly onTotal: (items: number | undefined) => void;
}

/** Verifies an archive that is open. */
type Verify = (report: Report) => Promise<{
  readonly verification: Verification | (ObjectVerification & { readonly givenUp: GivenUp | undefined });
  readonly summary: string;
}>;

function checkOptions({ out, since, until, failed }: VerifyOptions): void {
  checkFailed({ out, ...(failed !== undefined && { failed }) });
  checkWindow({ ...(since !== undefined && { since }), ...(until !== undefined && { until }) });
  if (isS3Url(out) || (since === undefined && until === undefined)) return;
  throw new TtlArchiveError('USAGE', '--since and --until need an archive in S3.', {
    remedy: 'Leave them out: the journal of an archive folder is checked from its beginning.',
  });
}

function sampleOf({ sample }: VerifyOptions) {
  return sample === undefined ? undefined : drawSample(sample, systemClock.now());
}

async function folderVerifier(options: VerifyOptions, io: Io): Promise<Verify> {
  const folder = await openFolder(options.out, io);
  return async (report) => {
    report.onTotal((await itemsInFolder(folder, io))?.all);
    const verification = await verifyFolder(folder, { ...report, sample: sampleOf(options), signal: io.signal });
    return { verification, summary: folderSummary(verification, terminalWidthOf(io.stdout)) };
  };
}

async function objectsVerifier(options: VerifyOptions, io: Io): Promise<Verify> {
  const storage = await openObjects(options.out, options, io);
  return async (report) => {
    const { since, until } = options;
    const verification = await verifyObjects({
      ...report,
      storage,
      range: hoursOf({ since, until }),
      sample: sampleOf(options),
      signal: io.signal,
    });
    const givenUp = verification.interrupted ? undefined : await readGivenUp(storage, options, io);
    const gaps = givenUp === undefined ? [] : givenUpLines(givenUp, options, io.env);
    const lines = gaps.map((line) => `${escapeText(line)}\n`).join('');
    return {
      verification: { ...verification, givenUp },
      summary: lines + objectsSummary(verification, terminalWidthOf(io.stdout)),
    };
  };
}
