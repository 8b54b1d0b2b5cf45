import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FailedOptions, givenUpLines, readGivenUp } from '../../../src/cli/given-up.js';
import { runProgram } from '../../../src/cli/program.js';
import { openStorage } from '../../../src/reading/open-storage.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { failedInvocation } from '../../support/failed-invocation.js';
import { fakeIo } from '../../support/fake-io.js';
import { type S3Server, startS3Server } from '../../support/s3-server/s3-server.js';

let server: S3Server;

beforeEach(async () => {
  server = await startS3Server();
  onTestFinished(() => server.close());
});

const LOG = { logLevel: 'info', color: false } as const;

async function givenUp(noted: string | undefined, more: Partial<FailedOptions> = {}) {
  const options = { ...LOG, s3EndpointUrl: server.endpointUrl, ...more } as const;
  const archive = await openStorage('s3://bucket/orders', options, fakeIo());
  await writeObjects(archive, archivedItems(1), { table: 'Orders', failed: noted });
  return readGivenUp(archive, options, fakeIo());
}

describe('readGivenUp', () => {
  it('says nothing when nothing says where it would be', async () => {
    expect(await givenUp(undefined)).toBeUndefined();
  });

  it('finds the batches where the archive notes it, or where --failed says', async () => {
    const [key, content] = failedInvocation({ records: [{}, {}], id: '1' });
    server.objects.set(`failed/${key}`, content);
    for (const found of [
      await givenUp('s3://bucket/failed'),
      await givenUp('s3://no', { failed: 's3://bucket/failed' }),
    ]) {
      expect(found).toMatchObject({
        failed: 's3://bucket/failed',
        batches: 1,
        records: 2,
        gaps: [{ key: `failed/${key}` }],
      });
      expect(found && givenUpLines(found, { ...LOG, out: 's3://bucket/orders' }, {})).toEqual([
        `gap           shardId-00000001573689847184-864758bb  2026-11-23T12:00:00Z to 2026-11-23T12:00:59Z: 2 records in failed/${key}`,
        '1 batch that AWS Lambda gave up on (2 records) is not in the archive; to archive:',
        '  ttl-archive replay s3://bucket/failed --out s3://bucket/orders',
      ]);
    }
  });

  it('says that it is unknown when the noted place cannot be read, and fails when a named one cannot', async () => {
    for (const noted of ['s3://nowhere', 'garbage']) {
      const found = await givenUp(noted);
      expect(found).toMatchObject({ batches: 0, problem: expect.any(String) });
      expect(found && givenUpLines(found, { ...LOG, out: 's3://bucket/orders' }, {})).toEqual([
        expect.stringContaining('is unknown: '),
      ]);
    }
    await expect(givenUp(undefined, { failed: 's3://nowhere' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('status and verify', () => {
  it('say what AWS Lambda gave up on, as a gap', async () => {
    await givenUp('s3://bucket/failed');
    const [key, content] = failedInvocation({ records: [{}, {}], id: '\u001b[2J' });
    server.objects.set(`failed/${key}`, content);
    for (const command of ['status', 'verify']) {
      const io = fakeIo();
      const argv = [command, '--out', 's3://bucket/orders', '--s3-endpoint-url', server.endpointUrl];
      expect(await runProgram(argv, io)).toBe(0);
      expect(io.out()).toContain('gap           shardId-00000001573689847184-864758bb  2026-11-23T12:00:00Z to ');
      expect(io.out()).toContain(
        `  ttl-archive replay s3://bucket/failed --out s3://bucket/orders --s3-endpoint-url ${server.endpointUrl}\n`,
      );
      expect(io.out()).not.toContain('\u001b');
      const json = fakeIo();
      await runProgram([...argv, '--json'], json);
      expect(JSON.parse(json.out())).toMatchObject({
        givenUp: { failed: 's3://bucket/failed', batches: 1, records: 2 },
      });
    }
  });

  it('take --failed for an archive in S3 alone', async () => {
    for (const command of ['status', 'verify']) {
      const io = fakeIo();
      expect(await runProgram([command, '--out', 'temp', '--failed', 's3://bucket/failed'], io)).toBe(2);
      expect(io.err()).toContain('--failed needs an archive in S3.');
    }
  });
});
