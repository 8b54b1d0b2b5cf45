import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { diskOf } from '../../../src/disk/node-disk.js';
import { placesWithin } from '../../../src/disk/places-within.js';
import type { Disk } from '../../../src/ports/index.js';

const base = await mkdtemp(join(tmpdir(), 'ttl-archive-within-'));
afterAll(() => rm(base, { recursive: true }));

let count = 0;
let disk: Disk;
let root: string;
let outside: string;
const at = (name: string): string => `${root}/${name}`;

/** Operations on `folder` and on a file in it; each must be refused when the folder is a link. */
const THROUGH: [string, (folder: string) => Promise<unknown>][] = [
  ['makes no folder', (folder) => disk.makeDirectory(`${folder}/new`)],
  ['lists nothing', (folder) => disk.list(folder)],
  ['reads nothing', (folder) => disk.read(`${folder}/secret`, 1000)],
  ['reads no range', (folder) => disk.readAt(`${folder}/secret`, 0, 1)],
  ['tells no size', (folder) => disk.size(`${folder}/secret`)],
  ['replaces nothing', (folder) => disk.replace(`${folder}/secret`, at('temporary'), 'x')],
  ['writes no temporary', (folder) => disk.replace(at('f'), `${folder}/temporary`, 'x')],
  ['creates nothing', (folder) => disk.createExclusive(`${folder}/new`, 'x')],
  ['renames nothing into it', (folder) => disk.rename(at('there'), `${folder}/secret`)],
  ['renames nothing out of it', (folder) => disk.rename(`${folder}/secret`, at('taken'))],
  ['removes nothing', (folder) => disk.remove(`${folder}/secret`)],
  ['appends nothing', (folder) => disk.openAppend(`${folder}/secret`)],
  ['syncs nothing', (folder) => disk.syncDirectory(folder)],
];

describe.each([true, false])('diskWithin, with open folders: %s', (handles) => {
  beforeEach(async () => {
    root = join(base, `archive${count++}`);
    outside = join(base, `outside${count}`);
    await mkdir(root);
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await writeFile(at('there'), 'there');
    disk = diskOf(placesWithin(root, { handles }));
  });

  async function expectUntouched(): Promise<void> {
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  }

  it.each(THROUGH)('%s through a folder that is a link', async (_what, work) => {
    await symlink(outside, at('linked'));
    await expect(work(at('linked'))).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('/linked: it is a symbolic link, not a folder'),
    });
    await mkdir(at('a'));
    await symlink(outside, at('a/linked'));
    await expect(work(at('a/linked'))).rejects.toMatchObject({ code: 'DISK' });
    await expectUntouched();
  });

  it.each(THROUGH)('%s outside the archive folder', async (_what, work) => {
    for (const folder of [outside, at(`../${outside.split('/').at(-1)}`), `${root}x`, '/']) {
      await expect(work(folder)).rejects.toMatchObject({ code: 'DISK', message: expect.stringContaining('outside') });
    }
    await expectUntouched();
  });

  it.each([
    ['reads', () => disk.read(at('f'), 1000)],
    ['reads a range of', () => disk.readAt(at('f'), 0, 1)],
    ['returns the size of', () => disk.size(at('f'))],
    ['appends to', () => disk.openAppend(at('f'))],
  ])('%s no link, named pipe, socket or device', async (_what, work) => {
    const special: [string, () => unknown][] = [
      ['a symbolic link', () => symlink(join(outside, 'secret'), at('f'))],
      ['a symbolic link', () => symlink('/dev/zero', at('f'))],
      ['a symbolic link', () => symlink(join(outside, 'dangling'), at('f'))],
      ['a named pipe', () => execFileSync('mkfifo', [at('f')])],
      ['a socket', () => listenOn(at('f'))],
      ['a folder', () => mkdir(at('f'))],
    ];
    for (const [kind, make] of special) {
      await make();
      await expect(work()).rejects.toMatchObject({
        code: 'DISK',
        message: expect.stringMatching(new RegExp(`/f: it is ${kind}, not a file`)),
      });
      await rm(at('f'), { recursive: true });
    }
    await expectUntouched();
  });

  it('removes and replaces a link itself, and creates nothing at its target', async () => {
    await symlink(join(outside, 'secret'), at('link'));
    expect(await disk.createExclusive(at('link'), 'x')).toBeUndefined();
    await disk.replace(at('link'), at('temporary'), 'new');
    expect(await readFile(at('link'), 'utf8')).toBe('new');
    await unlink(at('link'));
    await symlink(join(outside, 'secret'), at('link'));
    await disk.replace(at('f'), at('link'), 'through a temporary that is a link');
    await symlink(join(outside, 'secret'), at('link'));
    await disk.remove(at('link'));
    await expectUntouched();
  });

  it('follows links to the archive folder and above it', async () => {
    const way = join(base, `way${count}`);
    await symlink(root, way);
    const linked = diskOf(placesWithin(way, { handles }));
    await linked.makeDirectory(`${way}/a/b`);
    await linked.replace(`${way}/a/b/f`, `${way}/temporary`, 'x');
    expect(await readFile(at('a/b/f'), 'utf8')).toBe('x');
  });

  it('finds a folder that was removed and created again', async () => {
    await disk.makeDirectory(at('a'));
    await disk.replace(at('a/f'), at('t'), 'old');
    await rm(at('a'), { recursive: true });
    expect(await disk.size(at('a/f'))).toBeUndefined();
    await disk.makeDirectory(at('a'));
    await disk.replace(at('a/f'), at('t'), 'new');
    expect((await disk.read(at('a/f'), 10))?.toString()).toBe('new');
  });

  it.runIf(handles && process.platform === 'linux')('keeps no folder open', async () => {
    await disk.makeDirectory(at('a/b/c'));
    await Promise.all(Array.from({ length: 50 }, (_, n) => disk.replace(at(`a/b/c/${n}`), at(`t${n}`), 'x')));
    await expect
      .poll(async () => {
        const open = await Promise.all((await readdir('/proc/self/fd')).map((fd) => targetOf(fd)));
        return open.filter((target) => target.startsWith(root));
      })
      .toEqual([]);
  });

  it('reads a file that has a second hard link', async () => {
    await link(at('there'), at('again'));
    expect((await disk.read(at('again'), 10))?.toString()).toBe('there');
  });
});

async function listenOn(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
}

async function targetOf(fd: string): Promise<string> {
  const { readlink } = await import('node:fs/promises');
  return readlink(`/proc/self/fd/${fd}`).catch(() => '');
}
