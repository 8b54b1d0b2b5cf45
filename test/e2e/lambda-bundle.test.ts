import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { changeRecord } from '../support/change-record.js';
import { eventRecord, lambdaEvent } from '../support/lambda-event.js';
import { readS3Archive } from '../support/s3-archive-oracle.js';
import { BUCKET, startS3Server } from '../support/s3-server/s3-server.js';

const run = promisify(execFile);
const BUNDLE = new URL('../../dist/lambda-function/', import.meta.url);
const server = await startS3Server();
afterAll(() => server.close());

/** The function in a process of its own, as the runtime of Lambda would start it. */
async function invoke(event: unknown, env: Record<string, string> = {}) {
  const program = `
    const start = performance.now();
    const { handler } = await import(process.argv[1]);
    const answer = await handler(JSON.parse(process.argv[2]));
    process.stderr.write(JSON.stringify({ answer, ms: performance.now() - start }));`;
  const module = new URL('index.mjs', BUNDLE).href;
  const { stdout, stderr } = await run(
    process.execPath,
    ['--input-type=module', '-e', program, module, JSON.stringify(event)],
    {
      env: {
        PATH: process.env['PATH'],
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
        AWS_ENDPOINT_URL_S3: server.endpointUrl,
        TTL_ARCHIVE_BUCKET: BUCKET,
        TTL_ARCHIVE_PREFIX: 'Orders',
        ...env,
      },
    },
  );
  const outcome: { answer: unknown; ms: number } = JSON.parse(stderr);
  return { ...outcome, log: stdout };
}

describe('the bundle of the Lambda function', () => {
  it('is one file of less than 1 MB', async () => {
    expect(await readdir(BUNDLE)).toEqual(['index.mjs']);
    expect((await stat(fileURLToPath(new URL('index.mjs', BUNDLE)))).size).toBeLessThan(1024 * 1024);
  });

  it('archives a batch to the bucket of its environment, and logs one line of JSON without the item', async () => {
    const { answer, log } = await invoke(lambdaEvent([eventRecord(changeRecord())]));
    expect(answer).toEqual({ batchItemFailures: [] });
    const objects = new Map([...server.objects].map(([key, content]) => [key.replace(/^Orders\//, ''), content]));
    expect(readS3Archive(objects)).toHaveLength(1);
    expect(JSON.parse(log)).toMatchObject({ level: 'info', event: 'batch.archived', archived: 1 });
    expect(log).not.toContain('user-1');
  });

  it('says what is wrong with its environment', async () => {
    await expect(invoke(lambdaEvent([]), { TTL_ARCHIVE_BUCKET: '' })).rejects.toThrow('TTL_ARCHIVE_BUCKET');
  });
});
