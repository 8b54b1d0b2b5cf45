import { TtlArchiveError } from '../errors.js';
import { parseS3Url } from '../lib/s3-location.js';
import type { Deletions } from '../ports/index.js';

/** How the handler was set up. */
export interface Settings {
  readonly bucket: string;
  /** Without `/` at its ends; may be empty. */
  readonly prefix: string;
  readonly deletions: Deletions;
  readonly ttlAttribute?: string | undefined;
  readonly logLevel: string;
  /** `s3://bucket` */
  readonly failed?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DELETIONS: readonly Deletions[] = ['ttl', 'inferred', 'all'];
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Reads the function's environment: `TTL_ARCHIVE_BUCKET`, `TTL_ARCHIVE_PREFIX`, `TTL_ARCHIVE_DELETIONS`,
 * `TTL_ARCHIVE_TTL_ATTRIBUTE`, `TTL_ARCHIVE_LOG_LEVEL`, `TTL_ARCHIVE_FAILED`. Throws USAGE for what is missing or wrong.
 */
export function settingsOf(env: Environment): Settings {
  const bucket = env['TTL_ARCHIVE_BUCKET'] ?? '';
  if (!/^[a-zA-Z0-9._-]+$/.test(bucket)) throw wrong('TTL_ARCHIVE_BUCKET', 'the name of a bucket');
  const prefix = (env['TTL_ARCHIVE_PREFIX'] ?? '').replace(/^\/+|\/+$/g, '');
  if (!/^[a-zA-Z0-9!_.*'()/=-]*$/.test(prefix)) {
    throw wrong('TTL_ARCHIVE_PREFIX', "a prefix of letters, digits, and any of ! _ . * ' ( ) / = -");
  }
  const ttlAttribute = env['TTL_ARCHIVE_TTL_ATTRIBUTE'] || undefined;
  const deletions = oneOf(DELETIONS, env['TTL_ARCHIVE_DELETIONS'] || 'ttl');
  if (deletions === undefined) throw wrong('TTL_ARCHIVE_DELETIONS', DELETIONS.join(', '));
  if (deletions === 'inferred' && ttlAttribute === undefined) {
    throw wrong('TTL_ARCHIVE_TTL_ATTRIBUTE', 'the name of the TTL attribute, which `inferred` needs');
  }
  const logLevel = oneOf(LOG_LEVELS, env['TTL_ARCHIVE_LOG_LEVEL'] || 'info');
  if (logLevel === undefined) throw wrong('TTL_ARCHIVE_LOG_LEVEL', LOG_LEVELS.join(', '));
  const failed = env['TTL_ARCHIVE_FAILED'] || undefined;
  if (failed !== undefined && !isFailedUrl(failed))
    throw wrong('TTL_ARCHIVE_FAILED', 'a place like s3://my-failed-batches');
  const endpointUrl = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || undefined;
  return { bucket, prefix, deletions, ttlAttribute, logLevel, failed, endpointUrl };
}

function isFailedUrl(url: string): boolean {
  try {
    return parseS3Url(url) !== undefined;
  } catch {
    return false;
  }
}

function oneOf<T extends string>(values: readonly T[], value: string): T | undefined {
  return values.find((each) => each === value);
}

function wrong(variable: string, expected: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', `The environment variable ${variable} is not set to ${expected}.`, {
    remedy: `Set ${variable} in the configuration of the function.`,
  });
}
