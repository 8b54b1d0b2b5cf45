import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cwd } from 'node:process';
import type * as S3 from '@aws-sdk/client-s3';
import { TtlArchiveError } from '../errors.js';

export type S3Sdk = typeof S3;

const PACKAGE = '@aws-sdk/client-s3';

/**
 * Loads the SDK for S3 at its first call: from where this module is installed, or from the current folder, because npx
 * installs this program where nobody adds to it. With `require`, which takes half the time of `import`, and which finds
 * the SDK of AWS Lambda's runtime (NODE_PATH). Throws USAGE when it is not installed.
 */
export function s3Sdk(from: string | URL = import.meta.url, folder = cwd()): S3Sdk {
  let cause: unknown;
  for (const place of [from, join(folder, 'package.json')]) {
    try {
      return createRequire(place)(PACKAGE);
    } catch (error) {
      if (!isMissing(error)) throw error;
      cause = error;
    }
  }
  throw new TtlArchiveError('USAGE', `The npm package ${PACKAGE}, which s3:// needs, is not installed.`, {
    remedy: 'Install it beside ttl-archive:',
    commands: [{ program: 'npm', args: ['install', PACKAGE] }],
    cause,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
