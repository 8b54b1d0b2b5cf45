import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/lib/system-clock.js';
import { openS3Storage } from '../../../src/s3/open-s3-storage.js';
import { BUCKET, type S3Server, startS3Server } from '../../support/s3-server/s3-server.js';

let server: S3Server | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

const LOCATION = { bucket: BUCKET, prefix: 'p' };
const CONTEXT = { clock: systemClock, random: Math.random, attempts: 1 };

function authorization(): string {
  return String(server?.calls[0]?.headers['authorization']);
}

it('needs no keys and no region for a server on this machine', async () => {
  server = await startS3Server();
  for (const name of [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_PROFILE',
  ]) {
    vi.stubEnv(name, undefined);
  }
  const storage = await openS3Storage(LOCATION, { endpointUrl: server.endpointUrl }, CONTEXT);
  await storage.create('a', Buffer.from('1'));
  expect([...server.objects.keys()]).toEqual(['p/a']);
  expect(authorization()).toContain('Credential=dummy/');
  expect(authorization()).toContain('/us-east-1/s3/');
});

it('takes the endpoint of S3, keys and region from the environment', async () => {
  server = await startS3Server();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpointUrl);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  const storage = await openS3Storage(LOCATION, {}, CONTEXT);
  expect(await storage.read('missing', 10)).toBeUndefined();
  expect(authorization()).toContain('Credential=AKIATEST/');
  expect(authorization()).toContain('/eu-west-1/s3/');
});
