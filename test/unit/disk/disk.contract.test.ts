import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { diskOf, diskWithin, nodeDisk } from '../../../src/disk/node-disk.js';
import { placesWithin } from '../../../src/disk/places-within.js';
import type { Disk } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';

const base = await mkdtemp(join(tmpdir(), 'ttl-archive-disk-'));
afterAll(() => rm(base, { recursive: true }));

const DISKS: [name: string, make: (root: string) => Disk][] = [
  ['nodeDisk', () => nodeDisk],
  ['diskWithin', (root) => diskWithin(root)],
  ['diskWithin without /proc', (root) => diskOf(placesWithin(root, { handles: false }))],
  ['MemoryDisk', () => new MemoryDisk()],
];

let count = 0;
let disk: Disk;
let root: string;
const at = (name: string): string => `${root}/${name}`;
const put = (name: string, content: string) => disk.replace(at(name), at('temporary'), content);
const text = async (name: string) => (await disk.read(at(name), 1000))?.toString();

describe.each(DISKS)('%s', (_name, make) => {
  beforeEach(async () => {
    root = join(base, `d${count++}`);
    disk = make(root);
    await disk.makeDirectory(root);
  });

  it('creates a folder with its parents, also when it exists', async () => {
    await disk.makeDirectory(at('a/b/c'));
    await disk.makeDirectory(at('a/b/c'));
    expect(await disk.list(at('a'))).toEqual(['b/']);
    expect(await disk.list(at('a/b'))).toEqual(['c/']);
  });

  it('lists files and folders sorted, and returns undefined for a missing folder', async () => {
    await disk.makeDirectory(at('m'));
    await put('z', '');
    await put('a', '');
    expect(await disk.list(root)).toEqual(['a', 'm/', 'z']);
    expect(await disk.list(at('missing'))).toBeUndefined();
  });

  it('returns undefined for a missing file, and throws where the file must exist', async () => {
    expect(await disk.read(at('x'), 1000)).toBeUndefined();
    expect(await disk.size(at('x'))).toBeUndefined();
    await disk.remove(at('x'));
    await expect(disk.readAt(at('x'), 0, 1)).rejects.toMatchObject({ code: 'DISK' });
    await expect(disk.rename(at('x'), at('y'))).rejects.toMatchObject({ code: 'DISK' });
    await expect(disk.syncDirectory(at('x'))).rejects.toMatchObject({ code: 'DISK' });
    await expect(disk.openAppend(at('no/x'))).rejects.toMatchObject({ code: 'DISK' });
  });

  it('replaces a whole file and leaves no temporary file', async () => {
    await put('f', 'a long first content');
    await disk.replace(at('f'), at('temporary'), Buffer.from('é'));
    expect(await text('f')).toBe('é');
    expect(await disk.size(at('f'))).toBe(2);
    expect(await disk.list(root)).toEqual(['f']);
  });

  it('replaces a file when a crash left its temporary file', async () => {
    await disk.createExclusive(at('temporary'), 'longer than what comes');
    await put('f', 'short');
    expect(await text('f')).toBe('short');
  });

  it('leaves no temporary file when the target cannot be replaced', async () => {
    await disk.makeDirectory(at('f'));
    await expect(put('f', 'x')).rejects.toMatchObject({ code: 'DISK' });
    expect(await disk.list(root)).toEqual(['f/']);
  });

  it('reads a range, and less at the end of the file', async () => {
    await put('f', '0123456789');
    expect((await disk.readAt(at('f'), 3, 4)).toString()).toBe('3456');
    expect((await disk.readAt(at('f'), 8, 4)).toString()).toBe('89');
    expect((await disk.readAt(at('f'), 20, 4)).length).toBe(0);
  });

  it('creates a file only once, also when called concurrently', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((content) => disk.createExclusive(at('f'), content)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await text('f')).toBe(['a', 'b', 'c', 'd'][answers.findIndex(Boolean)]);
    expect(await disk.list(root)).toEqual(['f']);
  });

  it('overwrites a file that it created in place, also when the path names another file by then', async () => {
    const own = await disk.createExclusive(at('f'), 'first');
    await own?.overwrite('again');
    expect([await text('f'), await own?.isCurrent()]).toEqual(['again', true]);
    await put('f', 'other');
    await own?.overwrite('third');
    expect([await text('f'), await own?.isCurrent()]).toEqual(['other', false]);
    await disk.remove(at('f'));
    expect(await own?.isCurrent()).toBe(false);
    await own?.close();
  });

  it('notices when another process appended to, truncated or replaced a file that is open for appending', async () => {
    const [mine, other] = [await disk.openAppend(at('f')), await disk.openAppend(at('f'))];
    await mine.append('one');
    expect([await mine.isUntouched(), await other.isUntouched()]).toEqual([true, false]);
    await other.append('two');
    expect(await mine.isUntouched()).toBe(false);
    await other.truncate(3);
    expect(await mine.isUntouched()).toBe(true);
    await put('f', 'one');
    expect(await mine.isUntouched()).toBe(false);
    await disk.remove(at('f'));
    expect(await mine.isUntouched()).toBe(false);
    await Promise.all([mine.close(), other.close()]);
  });

  it('renames over an existing file and removes', async () => {
    await put('a', 'new');
    await put('b', 'old');
    await disk.rename(at('a'), at('b'));
    expect([await text('a'), await text('b')]).toEqual([undefined, 'new']);
    await disk.remove(at('b'));
    await disk.syncDirectory(root);
    expect(await disk.list(root)).toEqual([]);
  });

  it('appends, syncs, truncates and continues at the end', async () => {
    const file = await disk.openAppend(at('f'));
    expect(file.length).toBe(0);
    await file.append('abc');
    await file.append(Buffer.from('déf'));
    await file.sync();
    expect(file.length).toBe(7);
    await file.truncate(2);
    expect(file.length).toBe(2);
    await file.append('Z');
    await file.close();
    expect(await text('f')).toBe('abZ');
    const again = await disk.openAppend(at('f'));
    expect(again.length).toBe(3);
    await again.close();
  });

  it('throws without reading when a file is larger than the limit', async () => {
    await put('f', 'x'.repeat(11));
    await expect(disk.read(at('f'), 10)).rejects.toMatchObject({ code: 'DISK' });
    expect((await disk.read(at('f'), 11))?.length).toBe(11);
  });

  it('throws when the size of a folder is requested', async () => {
    await disk.makeDirectory(at('m'));
    await expect(disk.size(at('m'))).rejects.toMatchObject({ code: 'DISK' });
  });

  it('explains that a file is in the way when a part of the path is a file', async () => {
    await put('f', 'x');
    for (const work of [
      () => disk.makeDirectory(at('f')),
      () => disk.makeDirectory(at('f/g')),
      () => disk.list(at('f')),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'DISK', message: expect.stringContaining('a file') });
    }
    await expect(disk.read(root, 1000)).rejects.toMatchObject({ code: 'DISK' });
  });
});
