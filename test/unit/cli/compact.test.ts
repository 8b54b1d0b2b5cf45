import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';
import { type S3Server, startS3Server } from '../../support/s3-server/s3-server.js';
import { contentOf, dataIn, smallObjects } from '../../support/small-objects.js';

/** Long ago by every clock. */
const DELETED_AT = Date.UTC(2020, 1, 3, 4) / 1000;
const OBJECTS = [
  [0, 3],
  [3, 3],
  [6, 3],
] as const;

let server: S3Server;

beforeEach(async () => {
  server = await startS3Server();
  onTestFinished(() => server.close());
  for (const [key, content] of await smallObjects(OBJECTS, DELETED_AT)) server.objects.set(`orders/${key}`, content);
});

const archive = () => new Map([...server.objects].map(([key, content]) => [key.slice('orders/'.length), content]));

async function run(...argv: string[]) {
  const io = fakeIo();
  const status = await runProgram(['compact', '--s3-endpoint-url', server.endpointUrl, ...argv], io);
  return { status, out: io.out(), err: io.err() };
}

describe('compact', () => {
  it('merges and says what it did', async () => {
    const before = contentOf(archive());
    const planned = await run('s3://bucket/orders', '--dry-run');
    expect(planned).toMatchObject({ status: 0, err: '' });
    expect(planned.out).toMatch(
      /^would merge 3 objects of 1 hour \(.*\) into 1\nrequests: 0 PUT, 0 GET, 3 LIST, 0 DELETE\n$/,
    );
    expect(server.calls.every(({ method }) => method === 'GET')).toBe(true);
    const { status, out, err } = await run('s3://bucket/orders/');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(
      /^merged 3 objects of 1 hour into 1: .* before, .* after\nrequests: 2 PUT, 8 GET, 4 LIST, 6 DELETE\n$/,
    );
    expect(contentOf(archive())).toEqual(before);
    expect(dataIn(archive())).toHaveLength(1);
    expect((await run('s3://bucket/orders')).out).toContain('nothing to merge\n');
  });

  it('prints JSON, also of damage, with which it exits with 10', async () => {
    const [file = ''] = dataIn(archive());
    server.objects.set(`orders/${file}`, Buffer.from('x'));
    const { status, out, err } = await run('s3://bucket/orders', '--json');
    expect(status).toBe(10);
    expect(JSON.parse(out)).toMatchObject({
      isComplete: true,
      merged: { objects: 2 },
      written: { objects: 1 },
      damaged: 1,
      damages: [{ file }],
    });
    expect(JSON.parse(err)).toMatchObject({
      code: 'NOT_VERIFIED',
      msg: '1 damaged object found in s3://bucket/orders and left alone.',
    });
    const again = await run('s3://bucket/orders');
    expect(again.out).toMatch(/^damaged {2}The object year=2020.* is not as its manifest says\.\nnothing to merge\n/);
  });

  it.each([
    ['s3://bucket/nothing', 3],
    ['s3://nowhere/orders', 2],
    ['orders', 2],
  ])('exits for %s with %i', async (url, status) => {
    expect(await run(url)).toMatchObject({ status, out: '' });
  });

  it('says what a denied deletion needs, and that the rest is to be done', async () => {
    const denied = await startS3Server({
      faults: ({ method }) => (method === 'DELETE' ? { kind: 'error', status: 403, code: 'AccessDenied' } : undefined),
    });
    onTestFinished(() => denied.close());
    for (const [key, content] of server.objects) denied.objects.set(key, content);
    const io = fakeIo();
    expect(await runProgram(['compact', '--s3-endpoint-url', denied.endpointUrl, 's3://bucket/orders'], io)).toBe(4);
    expect(io.err()).toContain('Allow s3:DeleteObject on its objects');
    expect(io.out()).toContain('ended early: run it again to continue');
  });
});
