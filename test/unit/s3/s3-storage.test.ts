import { afterEach, describe, expect, it } from 'vitest';
import { errorKindOf, exitStatusOf } from '../../../src/errors.js';
import type { ObjectStorage } from '../../../src/ports/index.js';
import { createS3Storage } from '../../../src/s3/s3-storage.js';
import { s3Sdk } from '../../../src/s3/sdk.js';
import { firstS3Calls, S3_FAULTS, type S3FaultName, type S3FaultPlan } from '../../support/s3-server/faults.js';
import { BUCKET, type S3Server, startS3Server } from '../../support/s3-server/s3-server.js';

let running: S3Server | undefined;
afterEach(() => running?.close());

/** Waits are not waited for, and kept. */
async function open(faults: S3FaultPlan, options: { bucket?: string; attempts?: number } = {}) {
  const server = await startS3Server({ faults });
  running = server;
  const waits: number[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms: number) => {
      waits.push(ms);
    },
  };
  const storage: ObjectStorage = createS3Storage(
    {
      bucket: options.bucket ?? BUCKET,
      prefix: 'p',
      region: 'us-east-1',
      endpointUrl: server.endpointUrl,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      timeout: 500,
    },
    { clock, random: () => 1, attempts: options.attempts },
  );
  return { storage, server, waits };
}

const UPLOAD: S3FaultName[] = ['slowDown', 'internalError', 'conflict', 'html503', 'reset', 'alteredUpload', 'slow'];
const DOWNLOAD: S3FaultName[] = ['slowDown', 'html503', 'reset', 'lostAnswer', 'truncated', 'slow'];

describe('createS3Storage', () => {
  it('asks S3 to create the object only if there is none, and to check its CRC-32', async () => {
    const { storage, server } = await open(() => undefined);
    await storage.create('a', Buffer.from('123456789'));
    expect(server.calls[0]?.headers).toMatchObject({ 'if-none-match': '*', 'x-amz-checksum-crc32': 'y/Q5Jg==' });
    expect([...server.objects.keys()]).toEqual(['p/a']);
  });

  it.each(UPLOAD)('creates an object after %s', async (name) => {
    const { storage, server } = await open(firstS3Calls('PUT', 2, S3_FAULTS[name]));
    expect(await storage.create('a', Buffer.from('content'))).toBe('created');
    expect(server.objects.get('p/a')?.toString()).toBe('content');
  });

  it('finds the object that it created itself when the answer was lost', async () => {
    const { storage, server } = await open(firstS3Calls('PUT', 1, S3_FAULTS.lostAnswer));
    expect(await storage.create('a', Buffer.from('content'))).toBe('exists');
    expect(server.objects.get('p/a')?.toString()).toBe('content');
  });

  it.each(DOWNLOAD)('reads an object, a range and a listing after %s', async (name) => {
    const { storage, server } = await open((call) =>
      call.number % 2 === 1 && call.method === 'GET' ? S3_FAULTS[name] : undefined,
    );
    server.objects.set('p/a', Buffer.from('0123456789'));
    expect(String(await storage.read('a', 100))).toBe('0123456789');
    expect(String(await storage.readAt('a', 2, 5))).toBe('23456');
    const listed = [];
    for await (const { key } of storage.list('')) listed.push(key);
    expect(listed).toEqual(['a']);
  });

  it.each(['altered', 'truncatedUnannounced'] as const)('never takes a whole object that is %s', async (name) => {
    const { storage, server } = await open(firstS3Calls('GET', 1, S3_FAULTS[name]));
    server.objects.set('p/a', Buffer.from('0123456789'));
    expect(String(await storage.read('a', 100))).toBe('0123456789');
  });

  it('never takes a range that is shorter than asked for', async () => {
    const { storage, server } = await open(firstS3Calls('GET', 1, S3_FAULTS.truncatedUnannounced));
    server.objects.set('p/a', Buffer.from('0123456789'));
    expect(String(await storage.readAt('a', 2, 5))).toBe('23456');
  });

  it('waits longer before each attempt, and gives up with an error that may be retried', async () => {
    const { storage, waits } = await open(() => S3_FAULTS.slowDown, { attempts: 4 });
    const error = await storage.create('a', Buffer.from('1')).catch((thrown: unknown) => thrown);
    expect([errorKindOf(error), waits]).toEqual(['retry', [100, 200, 400]]);
  });

  it('retries nothing that a retry does not help', async () => {
    const { storage, waits } = await open(() => S3_FAULTS.accessDenied);
    const error = await storage.create('a', Buffer.from('1')).catch((thrown: unknown) => thrown);
    expect([errorKindOf(error), exitStatusOf(error), waits]).toEqual(['stop', 4, []]);
  });

  it.each([
    ['create', (storage: ObjectStorage) => storage.create('a', Buffer.from('1'))],
    ['read', (storage: ObjectStorage) => storage.read('a', 1)],
    ['list', async (storage: ObjectStorage) => storage.list('')[Symbol.asyncIterator]().next()],
  ])('names the bucket that does not exist in %s', async (_, call) => {
    const { storage } = await open(() => undefined, { bucket: 'other' });
    await expect(call(storage)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('bucket other'),
    });
  });

  it('says that nothing answers', async () => {
    const { storage, server } = await open(() => undefined, { attempts: 2 });
    await server.close();
    await expect(storage.read('a', 1)).rejects.toMatchObject({ code: 'NETWORK' });
  });
});

describe('s3Sdk', () => {
  it('says how to install the SDK when it is missing', () => {
    expect(() => s3Sdk('/nowhere/module.js', '/nowhere')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        commands: [{ program: 'npm', args: ['install', '@aws-sdk/client-s3'] }],
      }),
    );
  });
});
