import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { fakeIo } from '../../support/fake-io.js';
import { sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-report-'));
  await writeSampleArchive({ disk: nodeDisk, directory: join(cwd, 'temp'), items: sampleItems(12) });
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const io = fakeIo({ cwd });
  const status = await runProgram(argv, io);
  return { status, out: io.out(), err: io.err() };
}

describe('report', () => {
  it('writes a page that only its owner can read', async () => {
    expect(await run('report')).toEqual({
      status: 0,
      out: expect.stringMatching(/^report\.html: 12 items, /),
      err: '',
    });
    expect(await readFile(join(cwd, 'report.html'), 'utf8')).toMatch(/^<!DOCTYPE html>[^]*<dd>12<\/dd>[^]*<\/html>\n$/);
    expect((await stat(join(cwd, 'report.html'))).mode & 0o777).toBe(0o600);
    expect(await readdir(cwd)).toEqual(['report.html', 'temp']);
  });

  it('replaces no file unless --force is given', async () => {
    await writeFile(join(cwd, 'mine.html'), 'mine');
    expect(await run('report', '--output', 'mine.html')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--force/),
    });
    expect(await readFile(join(cwd, 'mine.html'), 'utf8')).toBe('mine');
    expect(await run('report', '--output', 'mine.html', '--force')).toMatchObject({ status: 0 });
    expect(await readFile(join(cwd, 'mine.html'), 'utf8')).toContain('<dd>12</dd>');
  });

  it('writes the page alone to stdout, and no key or item anywhere in it', async () => {
    const { status, out, err } = await run('report', '--output', '-');
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^<!DOCTYPE html>[^]*<\/html>\n$/);
    expect(out).not.toMatch(/key-1|xxxx/);
    expect(await readdir(cwd)).toEqual(['temp']);
  });

  it('leaves out what was pruned, and says so', async () => {
    await run('prune', '--older-than', '1ms', '--yes');
    const { out } = await run('report', '--output', '-');
    expect(out).toMatch(/<dt>Items<\/dt><dd>0<\/dd>[^]*<dt>Pruned, not counted here<\/dt><dd>12<\/dd>/);
  });

  it('says that there is no archive', async () => {
    expect(await run('report', '--out', 'nowhere')).toMatchObject({ status: 3 });
    expect(await readdir(cwd)).toEqual(['temp']);
  });
});
