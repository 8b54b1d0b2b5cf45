import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { fakeIo } from '../../support/fake-io.js';
import { serveArchive, writeBatch } from '../../support/s3-archive.js';
import { writeSampleArchive } from '../../support/sample-archive.js';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

/** An archive of the table in `root/<table>`, with an item of each key. */
async function archive(table: string, ...keys: readonly string[]) {
  const items = keys.map((key) => ({ PK: { S: key } }));
  return writeSampleArchive({ disk: nodeDisk, directory: join(cwd, 'root', table), table, items });
}

async function run(...argv: string[]) {
  const io = fakeIo({ cwd });
  const status = await runProgram(argv, io);
  return { status, out: io.out(), err: io.err() };
}

describe('status of several tables', () => {
  it('shows a row for each table, of one with --table everything, and as JSON all of each', async () => {
    await archive('Orders', 'a', 'b');
    await archive('Sessions', 'c');
    const { status, out } = await run('status', '--out', 'root');
    expect(status).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['TABLE', 'ITEMS'],
      ['Orders', '2'],
      ['Sessions', '1'],
      [''],
    ]);
    expect((await run('status', '--out', 'root', '--table', 'Orders')).out).toMatch(
      /^archive +root\/Orders: table Orders/,
    );
    const { tables } = JSON.parse((await run('status', '--out', 'root', '--json')).out);
    expect(tables).toMatchObject([
      { table: 'Orders', archived: 2, archive: { table: 'Orders' } },
      { table: 'Sessions', archived: 1 },
    ]);
  });

  it('shows the others, and ends with 7, when one archive cannot be read', async () => {
    await archive('Orders', 'a');
    await archive('Sessions', 'c');
    await writeFile(join(cwd, 'root/Orders/.ttl-archive/archive.json'), 'garbage');
    const { status, out } = await run('status', '--out', 'root');
    expect(status).toBe(7);
    expect(out).toMatch(/^Orders .* cannot be read \(JOURNAL\)$/m);
    expect(out).toMatch(/^Sessions +1 /m);
    expect(out).toContain('Orders: The file');
  });

  it('follows no link, and shows no folder that is none of an archive', async () => {
    await archive('Orders', 'a');
    await mkdir(join(cwd, 'root', 'other'));
    await rename(join(cwd, 'root', 'Orders'), join(cwd, 'elsewhere'));
    await symlink(join(cwd, 'elsewhere'), join(cwd, 'root', 'Orders'));
    const { status, err } = await run('status', '--out', 'root');
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('There is no archive in root.') });
  });

  it('stays in 80 columns, and shows names of folders without their control characters', async () => {
    await archive('x'.repeat(200), 'a');
    await archive('\u001b[31mred', 'b');
    const { out } = await run('status', '--out', 'root');
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('\\u001b[31mred');
  });
});

describe('verify of several tables', () => {
  it('verifies all of them, and ends with 10 when one is altered', async () => {
    const [altered] = await archive('Orders', 'a');
    await archive('Sessions', 'c');
    expect((await run('verify', '--out', 'root')).status).toBe(0);
    await appendFile(join(cwd, 'root/Orders', altered?.file ?? ''), 'x');
    const { status, out, err } = await run('verify', '--out', 'root');
    expect(status).toBe(10);
    expect(out).toMatch(/root\/Orders:\naltered .*\n.*\nroot\/Sessions:\n1 item, .* all intact\n$/);
    expect(err).toContain('Verification failed in root/Orders: 1 altered.');
    expect((await run('verify', '--out', 'root', '--table', 'Sessions')).status).toBe(0);
    const json = (await run('verify', '--out', 'root', '--json')).out.trimEnd().split('\n');
    expect(json.map((line) => JSON.parse(line))).toMatchObject([
      { table: 'Orders', verified: false },
      { table: 'Sessions', verified: true },
    ]);
  });

  it('goes on after a journal that is damaged, and ends with the worst exit status', async () => {
    await archive('Orders', 'a');
    const [altered] = await archive('Sessions', 'c');
    await writeFile(join(cwd, 'root/Orders/.ttl-archive/archive.json'), 'garbage');
    await appendFile(join(cwd, 'root/Sessions', altered?.file ?? ''), 'x');
    const { status, out } = await run('verify', '--out', 'root');
    expect(status).toBe(7);
    expect(out).toContain('altered');
  });
});

describe('find and restore with several tables', () => {
  it.each([[['find', '--key', 'a']], [['restore', '--dry-run', '--endpoint-url', 'http://127.0.0.1:9']], [['report']]])(
    '%j names the tables when none is chosen',
    async (args) => {
      await archive('Orders', 'a');
      await archive('Sessions', 'c');
      const { status, err } = await run(...args, '--out', 'root', '--log-format', 'pretty');
      expect(status).toBe(3);
      expect(err).toContain('root holds archives of several tables: "Orders", "Sessions".');
    },
  );

  it('finds in the archive of the table', async () => {
    await archive('Orders', 'a');
    await archive('Sessions', 'a', 'c');
    expect((await run('find', '--out', 'root', '--table', 'Sessions', '--key', 'a')).out).toMatch(
      /\troot\/Sessions\/\S+\n$/,
    );
    expect((await run('find', '--out', 'root/', '--table', 'Orders', '--key', 'c')).out).toBe('');
    expect((await run('find', '--out', 'root', '--table', 'Nope', '--key', 'c')).status).toBe(3);
  });

  it('takes no archive of another table', async () => {
    await archive('Orders', 'a');
    expect((await run('find', '--out', 'root/Orders', '--table', 'Orders', '--key', 'a')).status).toBe(0);
    expect((await run('find', '--out', 'root/Orders', '--table', 'Sessions', '--key', 'a')).status).toBe(3);
    await rename(join(cwd, 'root/Orders'), join(cwd, 'root/Sessions'));
    for (const args of [
      ['find', '--key', 'a'],
      ['restore', '--dry-run', '--endpoint-url', 'http://127.0.0.1:9'],
    ]) {
      const { status, err } = await run(...args, '--out', 'root', '--table', 'Sessions');
      expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('is of table') });
    }
  });

  it('finds in S3 under the prefix of the table, and in an archive that is the table itself', async () => {
    const objects = new Map<string, Buffer>();
    await writeBatch(objects, 3);
    const { server, place } = await serveArchive(objects);
    onTestFinished(() => server.close());
    for (const [key, content] of objects) server.objects.set(`root/Orders/${key}`, content);
    const find = async (out: string, table: string) =>
      run('find', '--key', 'key-1', ...place.slice(2), '--out', out, '--table', table);
    for (const out of ['s3://bucket/root', 's3://bucket/root/', 's3://bucket/root/Orders']) {
      const { status, out: found } = await find(out, 'Orders');
      expect({ status, found }).toEqual({ status: 0, found: expect.stringContaining('s3://bucket/root/Orders/year=') });
      expect((await find(out, 'Others')).status).toBe(3);
    }
    const { status, err } = await find('s3://bucket/nothing', 'Orders');
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringContaining('There is no archive in s3://bucket/nothing.'),
    });
  });
});
