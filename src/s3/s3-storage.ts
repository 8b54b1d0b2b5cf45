import { setMaxListeners } from 'node:events';
import { createQuietly } from '../connection/create-quietly.js';
import type { StaticCredentials } from '../connection/credentials.js';
import { TtlArchiveError } from '../errors.js';
import { type RetryContext, withRetry } from '../lib/retry.js';
import type { S3Location } from '../lib/s3-location.js';
import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { readBody } from './read-body.js';
import { statusOf, toS3Error } from './s3-error.js';
import { s3Sdk } from './sdk.js';

export interface S3StorageOptions extends S3Location {
  /** Absent: the SDK's own chain. */
  readonly region?: string | undefined;
  /** Of a server that speaks S3; absent: AWS. */
  readonly endpointUrl?: string | undefined;
  /** Absent: the SDK's own chain. */
  readonly credentials?: StaticCredentials | undefined;
  readonly profile?: string | undefined;
  /** With the proxy and the CA bundle; absent: Node's own. */
  readonly agents?: object | undefined;
  /** Milliseconds without a byte after which a connection is given up (20,000). */
  readonly timeout?: number;
}

const CONNECTION_TIMEOUT = 5_000;
const SOCKET_TIMEOUT = 20_000;

/**
 * Objects in S3, or in a server that speaks S3 and checks If-None-Match. Failed calls are retried as `context` say: a
 * conflict (409), throttling (503), 5xx, network errors, and answers that are cut short or do not match their checksum.
 *
 * @throws TtlArchiveError USAGE when the SDK is not installed.
 */
export function createS3Storage(options: S3StorageOptions, context: RetryContext): ObjectStorage {
  const sdk = s3Sdk();
  const { bucket: Bucket, prefix } = options;
  const client = newClient(options);
  // Each call in flight adds a listener.
  if (context.signal !== undefined) setMaxListeners(0, context.signal);
  const sending = context.signal === undefined ? {} : { abortSignal: context.signal };
  const root = prefix === '' ? '' : `${prefix}/`;
  const attempt = async <T>(operation: string, call: () => Promise<T>): Promise<T> =>
    withRetry(async () => {
      try {
        return await call();
      } catch (error) {
        context.signal?.throwIfAborted();
        throw toS3Error(error, { operation, bucket: Bucket });
      }
    }, context);

  const get = (key: string, { range, limit }: { range?: Range; limit: number }): Promise<Buffer | undefined> =>
    attempt('GetObject', async () => {
      const Range = range && `bytes=${range.position}-${range.position + range.length - 1}`;
      const command = new sdk.GetObjectCommand({ Bucket, Key: root + key, Range, ChecksumMode: 'ENABLED' });
      try {
        return await readBody(await client.send(command, sending), { key, limit, range });
      } catch (error) {
        if (isNamed(error, 'NoSuchKey')) return undefined;
        // The range begins at, or behind, the end of the object.
        if (range !== undefined && statusOf(error) === 416) return Buffer.alloc(0);
        throw error;
      }
    });

  return {
    create: (key, content) =>
      attempt('PutObject', async () => {
        const command = new sdk.PutObjectCommand({
          Bucket,
          Key: root + key,
          Body: content,
          IfNoneMatch: '*',
          // S3 compares it with what has arrived before it stores anything.
          ChecksumAlgorithm: 'CRC32',
        });
        try {
          await client.send(command, sending);
          return 'created';
        } catch (error) {
          if (statusOf(error) === 412) return 'exists';
          throw error;
        }
      }),
    read: (key, limit) => get(key, { limit }),
    readAt: (key, position, length) => get(key, { range: { position, length }, limit: length }),
    async *list(within, { after } = {}): AsyncGenerator<StoredObject> {
      let token: string | undefined;
      do {
        const command = new sdk.ListObjectsV2Command({
          Bucket,
          Prefix: root + within,
          ...(token !== undefined ? { ContinuationToken: token } : after !== undefined && { StartAfter: root + after }),
        });
        const page = await attempt('ListObjectsV2', () => client.send(command, sending));
        for (const { Key, Size } of page.Contents ?? []) {
          if (Key === undefined || Size === undefined) throw withoutMember();
          yield { key: Key.slice(root.length), size: Size };
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    async delete(key) {
      await attempt('DeleteObject', () =>
        client.send(new sdk.DeleteObjectCommand({ Bucket, Key: root + key }), sending),
      );
    },
  };
}

interface Range {
  readonly position: number;
  readonly length: number;
}

function newClient(options: S3StorageOptions) {
  const { region, endpointUrl, credentials, profile, agents, timeout = SOCKET_TIMEOUT } = options;
  const { S3Client } = s3Sdk();
  const config = {
    ...(region !== undefined && { region }),
    // Only AWS has a name for each bucket in DNS.
    ...(endpointUrl !== undefined && { endpoint: endpointUrl, forcePathStyle: true }),
    ...(credentials !== undefined && { credentials }),
    ...(profile !== undefined && { profile }),
    // The bucket may be in another region than the table.
    followRegionRedirects: true,
    // Retrying is this module's business.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, socketTimeout: timeout, ...agents },
  };
  return createQuietly(() => new S3Client(config));
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function withoutMember(): TtlArchiveError {
  return new TtlArchiveError('BAD_RESPONSE', 'The response to ListObjectsV2 has an object without a key or a size.', {
    remedy: 'Check what answers at the endpoint: it does not behave as S3 does.',
  });
}
