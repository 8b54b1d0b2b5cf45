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
    expect((await run('find', ...expired, '--count')).out).toBe('4\n');
    expect((await run('find', ...window, '--count')).out).toBe('4\n');
    expect(await run('find', '--since', '2027-01-01')).toMatchObject({
      status: 0,
      out: '',
      err: expect.stringMatching(/no item/),
    });
  });

  it.each(['slowDown', 'truncatedUnannounced', 'altered'] as const)(
    'gives the whole answer through %s',
    async (fault) => {
      for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from, hour: from });
      const { run } = await serve(({ number }) => (number % 3 === 1 ? S3_FAULTS[fault] : undefined));
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
    expect(await run('find', '--since', '2026-11-01', '--count')).toMatchObject({ status: 7, out: '3\n' });
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

const dataIn = (hour: number) =>
  [...objects.keys()].find((key) => key.startsWith('year=') && key.includes(`hour=${hour}`)) ?? '';
const manifestIn = (hour: number) =>
  [...objects.keys()].find((key) => key.startsWith('.') && key.includes(`hour=${hour}`)) ?? '';

describe('verify on s3://', () => {
  it('reports an intact archive, what is repeated, and what has no manifest', async () => {
    await writeBatch(objects, 3);
    await writeBatch(objects, 2, { from: 2 });
    await writeBatch(objects, 1, { from: 9, hour: 3 });
    objects.delete(manifestIn(15));
    const { run } = await serve();
    const { status, out, err } = await run('verify');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(lines(out)).toEqual([
      expect.stringMatching(/^4 items in 2 objects, .* verified: all intact$/),
      '1 item archived more than once, as retries do: each counts once',
      '1 data object has no manifest (an interrupted writer): not counted',
    ]);
    const json = JSON.parse((await run('verify', '--json')).out);
    expect(json).toMatchObject({ verified: true, items: 4, repeated: 1, withoutManifest: 1, mismatches: [] });
  });

  it('names what is missing, altered and damaged (exit 10)', async () => {
    for (const hour of [0, 1, 2, 3]) await writeBatch(objects, 3, { from: 10 * hour, hour });
    const [missing, altered, damaged] = [dataIn(12), dataIn(13), manifestIn(14)];
    objects.delete(missing);
    (objects.get(altered) ?? Buffer.alloc(0)).writeUInt8(1, 30);
    objects.set(damaged, Buffer.from('nothing'));
    const { run } = await serve();
    const { status, out, err } = await run('verify');
    expect(status).toBe(10);
    expect(lines(out)).toHaveLength(4);
    expect(lines(out)).toEqual(
      expect.arrayContaining([
        `missing       ${missing}: data object missing`,
        `altered       ${altered}: has a damaged gzip member at byte 0`,
        `manifest      ${damaged}: is damaged`,
        expect.stringMatching(/^9 items in 4 objects, .*, checked$/),
      ]),
    );
    expect(err).toMatch(/1 missing/);
    const one = await run('verify', '--since', '2026-11-23T15:00', '--json');
    expect([one.status, JSON.parse(one.out)]).toEqual([0, expect.objectContaining({ verified: true, items: 3 })]);
  });

  it.each(['truncated', 'reset'] as const)('takes no %s for damage', async (fault) => {
    for (const from of [0, 3, 6]) await writeBatch(objects, 3, { from, hour: from });
    const { run } = await serve(({ number }) => (number % 3 === 0 ? S3_FAULTS[fault] : undefined));
    expect((await run('verify')).out).toMatch(/^9 items in 3 objects, .* all intact\n$/);
  });

  it('reads a share of the data, the same all day', async () => {
    for (let batch = 0; batch < 40; batch++) await writeBatch(objects, 1, { from: batch });
    const { run, server } = await serve();
    const read = async () => {
      const before = server.calls.length;
      const { status, out } = await run('verify', '--sample', '25%', '--json');
      const data = server.calls.slice(before).map(({ key }) => key);
      return { status, json: JSON.parse(out), data: data.filter((key) => key.startsWith('orders/year=')).toSorted() };
    };
    const first = await read();
    expect(first).toMatchObject({ status: 0, json: { items: 40, sample: { percent: 25, items: first.data.length } } });
    expect(first.data.length).toBeGreaterThan(0);
    expect(first.data.length).toBeLessThan(30);
    expect((await read()).data).toEqual(first.data);
  });

  it('finds no archive where only data are', async () => {
    await writeBatch(objects, 1);
    objects.delete(manifestIn(12));
    const { run } = await serve();
    expect((await run('verify')).status).toBe(3);
  });
});

describe('status on s3://', () => {
  it('adds up what is archived by the day, from listings and the beginnings of manifests', async () => {
    await writeBatch(objects, 3);
    await writeBatch(objects, 2, { from: 3, hour: 1 });
    await writeBatch(objects, 4, { from: 5, hour: 24 });
    await writeBatch(objects, 1, { from: 20, hour: 5 });
    objects.delete(manifestIn(17));
    const { run, server } = await serve();
    const { status, out } = await run('status');
    expect(status).toBe(0);
    expect(out.replace(/[\d,.]+ K?B/g, 'SIZE')).toMatchInlineSnapshot(`
      "archive     s3://bucket/orders: table Orders
      archived    9 items in 3 objects, SIZE stored
      deleted     from 2026-11-23T12:00:00.000Z to 2026-11-24T12:00:00.000Z
      unlisted    1 data object without a manifest: not counted
      days        2
        2026-11-23               5 items         2 objects       SIZE
        2026-11-24               4 items          1 object       SIZE
      "
    `);
    expect(server.calls.filter(({ key }) => key.startsWith('orders/year='))).toEqual([]);
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({
      table: 'Orders',
      items: 9,
      objects: 3,
      firstDeletedAt: '2026-11-23T12:00:00.000Z',
      lastDeletedAt: '2026-11-24T12:00:00.000Z',
      withoutManifest: 1,
      days: [
        { day: '2026-11-23', items: 5, objects: 2 },
        { day: '2026-11-24', items: 4, objects: 1 },
      ],
    });
  });
});

describe('report on s3://', () => {
  it('counts each item once, from the manifests alone', async () => {
    await writeBatch(objects, 3);
    await writeBatch(objects, 2);
    const { run, server } = await serve();
    const { status, out } = await run('report', '--output', '-');
    expect([status, /<dt>Items<\/dt><dd>(\d+)<\/dd>/.exec(out)?.[1]]).toEqual([0, '3']);
    expect(out).toContain('s3://bucket/orders, layout segments, format item');
    expect(server.calls.filter(({ key }) => key.includes('year=') && !key.includes('manifests'))).toEqual([]);
  });
});
