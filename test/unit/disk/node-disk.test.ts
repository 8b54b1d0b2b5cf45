import { existsSync, openSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { nodeAppendFile } from '../../../src/disk/append-file.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';

const base = await mkdtemp(join(tmpdir(), 'ttl-archive-node-disk-'));
afterAll(() => rm(base, { recursive: true }));

describe('nodeDisk', () => {
  it.runIf(existsSync('/proc/self'))('throws the true cause when a file system takes no new folders', async () => {
    await expect(nodeDisk.makeDirectory('/proc/no-such/inner')).rejects.toMatchObject({
      code: 'DISK',
      message: 'Cannot create the folder /proc/no-such: the file system there takes no new folders.',
      remedy: 'Choose another folder with --out.',
    });
  });

  it.each([0o000, 0o022, 0o077])(
    'creates files with 0600 and folders with 0700 when the umask is %o',
    async (umask) => {
      const before = process.umask(umask);
      onTestFinished(() => void process.umask(before));
      const folder = join(base, `rights${umask}/inner`);
      await nodeDisk.makeDirectory(folder);
      await nodeDisk.replace(join(folder, 'a'), join(folder, 't'), 'x');
      await nodeDisk.createExclusive(join(folder, 'b'), 'x');
      await (await nodeDisk.openAppend(join(folder, 'c'))).close();
      const modes = await Promise.all(
        ['..', '.', 'a', 'b', 'c'].map(async (name) => (await stat(join(folder, name))).mode & 0o777),
      );
      expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, 0o600]);
    },
  );

  it('does not keep the permissions of a leftover temporary file', async () => {
    const temporary = join(base, 'left-over');
    await writeFile(temporary, 'old');
    await chmod(temporary, 0o644);
    await nodeDisk.replace(join(base, 'target'), temporary, 'x');
    expect((await stat(join(base, 'target'))).mode & 0o777).toBe(0o600);
  });

  it('escapes the path in an error, and adds a reason and a remedy', async () => {
    const path = join(base, `bell\u0007${'x'.repeat(300)}`);
    await expect(nodeDisk.replace(path, join(base, 't'), 'x')).rejects.toMatchObject({
      code: 'DISK',
      message: `Cannot write ${base}/bell\\u0007${'x'.repeat(300)}: the name is too long.`,
      remedy: expect.stringContaining('shorter'),
    });
  });

  it('throws DISK when a path has a NUL character', async () => {
    await expect(nodeDisk.read(join(base, 'a\0b'), 1000)).rejects.toMatchObject({ code: 'DISK' });
  });

  it.runIf(existsSync('/dev/full'))('explains that the disk is full when a write fails with ENOSPC', async () => {
    const opened = { fd: openSync('/dev/full', 'a'), stats: statSync('/dev/full') };
    const file = nodeAppendFile(opened, '/dev/full', async () => opened.stats);
    await expect(file.append('x')).rejects.toMatchObject({
      code: 'DISK',
      message: 'Cannot write /dev/full: the disk is full.',
      remedy: expect.stringContaining('Free some space'),
    });
    expect(file.length).toBe(0);
    await file.close();
  });
});
