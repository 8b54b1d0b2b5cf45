import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSystemOf, nearestFolder, specialFileSystem, tryWriting } from '../../../src/disk/file-system.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { readOnlyFolder } from '../../support/read-only-folder.js';

const folder = temporaryFolders();

describe('specialFileSystem', () => {
  // From linux/magic.h.
  it.each([
    [0x6969, 'NFS', 'network'],
    [-11317950, 'CIFS', 'network'],
    [0xff534d42, 'CIFS', 'network'],
    [0x01021997, '9P', 'network'],
    [0x65735546, 'FUSE', 'fuse'],
    [0x01021994, 'tmpfs', 'memory'],
    [0x794c7630, 'overlay', 'layer'],
  ])('knows %d as %s', (type, name, kind) => {
    expect(specialFileSystem(type)).toEqual({ name, kind });
  });

  it.each([0xef53, 0x58465342, 0x9123683e])('knows nothing special of %d: ext4, xfs, btrfs', (type) => {
    expect(specialFileSystem(type)).toBeUndefined();
  });
});

describe('fileSystemOf', () => {
  it('gives the free space', async () => {
    expect((await fileSystemOf(await folder())).freeBytes).toBeGreaterThan(0);
  });

  it('throws for a folder that does not exist', async () => {
    await expect(fileSystemOf(join(await folder(), 'none'))).rejects.toMatchObject({ code: 'DISK' });
  });

  it.runIf(process.platform === 'linux')('does not take a file system without blocks for a full one', async () => {
    expect((await fileSystemOf('/proc')).freeBytes).toBeUndefined();
  });
});

describe('nearestFolder', () => {
  it('is the folder itself, or the nearest one above that exists', async () => {
    const root = await folder();
    await mkdir(join(root, 'a'));
    expect(await nearestFolder(join(root, 'a'))).toBe(join(root, 'a'));
    expect(await nearestFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
  });

  it('does not look past a link to nothing, in whose place no folder can be created', async () => {
    const link = join(await folder(), 'link');
    await symlink('/nowhere/at/all', link);
    expect(await nearestFolder(join(link, 'a'))).toBe(link);
    await expect(tryWriting(link)).rejects.toMatchObject({ code: 'DISK' });
  });

  it('throws when a file is in the way', async () => {
    const file = join(await folder(), 'file');
    await writeFile(file, '');
    await expect(nearestFolder(join(file, 'a'))).rejects.toMatchObject({ code: 'DISK' });
  });
});

describe('tryWriting', () => {
  it('leaves nothing behind', async () => {
    const root = await folder();
    await tryWriting(root);
    expect(await readdir(root)).toEqual([]);
  });

  it('names the folder in which nothing can be created, and not its own file', async () => {
    const readOnly = (await readOnlyFolder(await folder())) ?? '/nowhere';
    await expect(tryWriting(readOnly)).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(new RegExp(`^Cannot write to the folder ${readOnly}: `)),
    });
  });
});
