import { agentsFor } from '../connection/network.js';
import { resolveSettings } from '../connection/settings.js';
import type { RetryContext } from '../lib/retry.js';
import type { S3Location } from '../lib/s3-location.js';
import type { Connection, ObjectStorage } from '../ports/index.js';
import { createS3Storage } from './s3-storage.js';
import { s3Sdk } from './sdk.js';

/**
 * Objects in S3, reached as the user's options, environment and profile say: region, keys, proxy and CA bundle, as for
 * DynamoDB. `connection.endpointUrl` is that of S3. `maxSockets`: most calls in flight (50).
 *
 * Throws USAGE when the SDK is not installed or the settings are invalid, CREDENTIALS when there is no such profile.
 */
export async function openS3Storage(
  location: S3Location,
  connection: Connection,
  context: RetryContext,
  { maxSockets = 50 }: { readonly maxSockets?: number } = {},
): Promise<ObjectStorage> {
  // What is missing is said before anything is looked up.
  s3Sdk();
  const { region, endpoint, credentials, ...network } = await resolveSettings('S3', connection);
  const agents = await agentsFor(network, { keepAlive: true, maxSockets });
  const { profile } = connection;
  return createS3Storage({ ...location, region, endpointUrl: endpoint, credentials, profile, agents }, context);
}
