import { escapeText } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { openFolder, openObjects } from '../reading/open-archive.js';
import { verifyFolder } from '../reading/verify-folder.js';
import { hoursOf } from '../restore/window.js';
import type { Finding } from '../verify/finding.js';
import { drawSample } from '../verify/sample.js';
import type { ObjectVerification, Verification } from '../verify/verification.js';
import { verifyObjects } from '../verify/verify-objects.js';
import { type FailedOptions, type GivenUp, givenUpLines, readGivenUp } from './given-up.js';
import type { Io } from './io.js';
import { itemsInFolder } from './items-in-folder.js';
import { folderSummary, objectsSummary } from './verify-text.js';
import type { WindowOptions } from './window-options.js';
import { terminalWidthOf } from './wrap.js';

export interface VerifyOptions extends FailedOptions, WindowOptions {
  readonly out: string;
  readonly table?: string;
  readonly sample?: number;
  readonly json?: boolean;
}

export interface Report {
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress: (items: number) => void;
  readonly onTotal: (items: number | undefined) => void;
}

/** Verifies an archive that is open. */
export type Verify = (report: Report) => Promise<{
  readonly verification: Verification | (ObjectVerification & { readonly givenUp: GivenUp | undefined });
  readonly summary: string;
}>;

/** Opens the archive of `--out`. Throws TABLE when there is none. */
export function openVerifier(options: VerifyOptions, io: Io): Promise<Verify> {
  return isS3Url(options.out) ? objectsVerifier(options, io) : folderVerifier(options, io);
}

function sampleOf({ sample }: VerifyOptions) {
  return sample === undefined ? undefined : drawSample(sample, systemClock.now());
}

async function folderVerifier(options: VerifyOptions, io: Io): Promise<Verify> {
  const folder = await openFolder(options.out, io);
  return async (report) => {
    report.onTotal((await itemsInFolder(folder, io))?.all);
    const verification = await verifyFolder(folder, { ...report, sample: sampleOf(options), signal: io.signal });
    const { positionsOnly } = folder.facts;
    return {
      verification,
      summary: folderSummary(verification, { columns: terminalWidthOf(io.stdout), positionsOnly }),
    };
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
