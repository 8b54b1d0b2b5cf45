import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { openFolder, openObjects } from '../reading/open-archive.js';
import { verifyFolder } from '../reading/verify-folder.js';
import { hoursOf } from '../restore/window.js';
import type { Finding } from '../verify/finding.js';
import { drawSample } from '../verify/sample.js';
import type { ObjectVerification, Verification } from '../verify/verification.js';
import { verifyObjects } from '../verify/verify-objects.js';
import { type ArchiveOptions, placeOf, type TimeOptions, usage, windowOf } from './archive-options.js';
import { READING_NAMES, withNames } from './option-names.js';

/** `since` and `until` are for an archive in S3: only these hours of deletion. */
export interface VerifyOptions extends ArchiveOptions, TimeOptions {
  /** Read only this share of the data, in percent; another one each day. Default: all. */
  readonly sample?: number | undefined;
  /** Called for each mismatch. Its texts come from the archive: escape them before printing. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  /** Called from time to time with the number of items checked. */
  readonly onProgress?: ((items: number) => void) | undefined;
}

/** What was checked: of a folder a Verification, of an archive in S3 an ObjectVerification. */
export type VerifyResult = {
  /** Everything was checked, and nothing is missing or altered. */
  readonly verified: boolean;
} & (Verification | ObjectVerification);

/**
 * Checks an archive against its journal, or in S3 against its manifests. Changes nothing, and works while `watch` runs. An
 * abort ends it early (`interrupted`). Throws TABLE when there is no archive.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  return withNames(READING_NAMES, () => verifyArchive(options));
}

async function verifyArchive(options: VerifyOptions): Promise<VerifyResult> {
  const window = windowOf(options);
  const { sample: percent, onFinding, onProgress } = options;
  if (percent !== undefined && !(percent > 0 && percent <= 100))
    throw usage('A `sample` is more than 0 and at most 100 percent.');
  const { out, reach, context } = placeOf(options);
  const settings = {
    sample: percent === undefined ? undefined : drawSample(percent, systemClock.now()),
    ...(onFinding !== undefined && { onFinding }),
    ...(onProgress !== undefined && { onProgress }),
    signal: context.signal,
  };
  if (isS3Url(out)) {
    const storage = await openObjects(out, reach, context);
    return withVerdict(await verifyObjects({ ...settings, storage, range: hoursOf(window) }));
  }
  if (Object.keys(window).length > 0) throw usage('`since` and `until` need an archive in S3.');
  return withVerdict(await verifyFolder(await openFolder(out, context), settings));
}

function withVerdict<V extends Verification | ObjectVerification>(verification: V): V & { readonly verified: boolean } {
  const { interrupted, findings } = verification;
  return { verified: !interrupted && Object.keys(findings).length === 0, ...verification };
}
