import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';
import { serveArchive, writeBatch } from '../../support/s3-archive.js';
import { S3_FAULTS, type S3FaultPlan } from '../../support/s3-server/faults.js';

const objects = new Map<string, Buffer>();

afterEach(() => objects.clear());

async function serve(faults?: S3FaultPlan) {
  const { server, place } = await serveArchive(objects, { ...(faults && { faults }), pageSize: 2 });
  onTestFinished(() => server.close());
  const run = async (...argv: string[]) => {
    const io = fakeIo();
    const [command = '', ...more] = argv;
    const status = await runProgram([command, ...more, ...place], io);
    return { status, out: io.out(), err: io.err() };
  };
  return { server, run };
}

const lines = (text: string) => text.split('\n').slice(0, -1);

describe('find on s3://', () => {
  it('prints the versions of a key with their places, the newest last, each once', async () => {
    await writeBatch(objects, 3);
    // Delivered again, cut differently.
    await writeBatch(objects, 2);
    await writeBatch(objects, 1, { from: 7, hour: 5 });
    const { run } = await serve();
    const { status, out } = await run('find', '--key', 'key-1');
    expect(status).toBe(0);
    expect(lines(out)).toEqual([
      expect.stringMatching(
        /^2026-11-23T12:00:00\.000Z\tttl\t2026-11-23T11:59:59\.000Z\ts3:\/\/bucket\/orders\/year=2026\/month=11\/day=23\/hour=12\/20261123T120000Z-[0-9a-f]{32}\.json\.gz@0:1$/,
      ),
    ]);
    expect(JSON.parse((await run('find', '--key', 'key-7', '--json')).out)).toMatchObject({
      eventID: 'event-7',
      file: expect.stringMatching(/^s3:\/\/bucket\/orders\/.*hour=17/),
    });
  });

  it('shows an item from a part of its object', async () => {
    await writeBatch(objects, 3);
    const { run, server } = await serve();
    const { out } = await run('find', '--key', 'key-2', '--latest', '--show');
    expect(JSON.parse(out)).toMatchObject({ PK: { S: 'key-2' }, text: { S: 'ü-2\n' } });
    const whole = server.calls.filter(({ key, headers }) => key.includes('/year=') && headers['range'] === undefined);
    expect(whole.filter(({ key }) => !key.includes('manifests'))).toEqual([]);
  });

  it('counts and prints the items of a time without their data, reading only the hours that it needs', async () => {
    await writeBatch(objects, 3);
    await writeBatch(objects, 4, { from: 2, hour: 1 });
    await writeBatch(objects, 1, { from: 50, hour: 24 });
    const { run, server } = await serve();
    expect((await run('find', '--since', '2026-11-23', '--count')).out).toBe('8\n');
    const before = server.calls.length;
    const window = ['--since', '2026-11-23T13:00', '--until', '2026-11-23T13:30'];
    expect(lines((await run('find', ...window)).out)).toHaveLength(4);
    const calls = server.calls.slice(before);
    expect(calls.filter(({ key }) => key.startsWith('orders/year='))).toEqual([]);
    expect(calls.filter(({ key }) => /manifests.*day=24/.test(key))).toEqual([]);
    const expired = ['--since', '2026-11-23T12:59:59', '--until', '2026-11-23T12:59:59', '--expired'];
    expect(lines((await run('find', ...expired, '--json')).out)).toHaveLength(4);
    expect(await run('find', '--since', '2027-01-01')).toMatchObject({
      status: 0,
      out: '',
      err: expect.stringMatching(/no item/),
    });
  });

  it.each(['slowDown', 'reset', 'truncated', 'truncatedUnannounced', 'altered', 'html503', 'slow'] as const)(
    'gives the whole answer through %s',
    async (fault) => {
      for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from, hour: from });
      const { run } = await serve(({ number }) => (number % 2 === 1 ? S3_FAULTS[fault] : undefined));
      expect(await run('find', '--since', '2026-11-01', '--count')).toMatchObject({ status: 0, out: '9\n' });
      expect(lines((await run('find', '--key', 'key-4')).out)).toHaveLength(1);
    },
  );

  it('prints what it found, then names a damaged manifest (exit 7)', async () => {
    await writeBatch(objects, 3);
    await writeBatch(objects, 3, { from: 3 });
    const [, manifest = ''] = [...objects.keys()].filter((key) => key.startsWith('.'));
    (objects.get(manifest) ?? Buffer.alloc(0)).fill(0, 40, 60);
    const { run } = await serve();
    const { status, out, err } = await run('find', '--since', '2026-11-01');
    expect(status).toBe(7);
    expect(lines(out)).toHaveLength(3);
    expect(err).toContain(manifest);
  });

  it('says that there is no archive (exit 3), and that access is denied (exit 4)', async () => {
    const empty = await serve();
    expect(await empty.run('find', '--key', 'a')).toMatchObject({
      status: 3,
      err: expect.stringMatching(/no archive in s3:/),
    });
    const denied = await serve(() => S3_FAULTS.accessDenied);
    expect(await denied.run('find', '--key', 'a')).toMatchObject({ status: 4 });
  });
});

describe('find', () => {
  it.each([
    [[]],
    [['--latest', '--since', '1d']],
    [['--expired', '--key', 'a']],
    [['--key', 'a', '--count', '--json']],
    [['--since', '1d', '--until', '2d']],
  ])('rejects %j', async (options) => {
    expect(await runProgram(['find', ...options], fakeIo())).toBe(2);
  });
});
