import { parseS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import type { Connection, ObjectStorage } from '../ports/index.js';

/** How to reach S3; what is absent is as configured for the AWS SDK. */
export interface S3Reach extends Pick<Connection, 'region' | 'profile'> {
  readonly s3EndpointUrl?: string | undefined;
}

/** What opening an archive needs to know of its caller. */
export interface ReadingContext {
  /** The folder that relative paths start from (absolute). */
  readonly cwd: string;
  /** Ends the calls to S3. */
  readonly signal: AbortSignal;
}

/** The waits between so many attempts add up to about 25 seconds: a person waits for the answer. */
const ATTEMPTS = 10;

/**
 * The objects under `s3://bucket/prefix`, reached as the options, the environment and the profile say. Makes no call.
 * Throws USAGE for an address that is none, for invalid settings, and when the SDK for S3 is not installed.
 */
export async function openStorage(
  url: string,
  reach: S3Reach,
  { signal }: Pick<ReadingContext, 'signal'>,
): Promise<ObjectStorage> {
  const location = parseS3Url(url);
  // Whoever stays on disk does not load the SDK's packages.
  const { openS3Storage } = await import('../s3/open-s3-storage.js');
  const context = { clock: systemClock, random: Math.random, signal, attempts: ATTEMPTS };
  return openS3Storage(location, s3Connection(reach), context);
}

function s3Connection({ s3EndpointUrl, region, profile }: S3Reach): Connection {
  return {
    ...(s3EndpointUrl !== undefined && { endpointUrl: s3EndpointUrl }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}
