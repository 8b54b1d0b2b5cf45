import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { platform } from 'node:process';
import { TtlArchiveError } from '../errors.js';
import { diskError } from './disk-error.js';
import { attempt } from './fs-promise.js';
import { diskWithin } from './node-disk.js';
import { causeOf } from './open-file.js';

/** What can be known of the file system below a folder. */
export interface FileSystem {
  /** Bytes that this user may still write; undefined when it does not count them, as some of FUSE. */
  readonly freeBytes: number | undefined;
  /** Undefined: an ordinary disk, or a system that does not tell (all but Linux). */
  readonly special: SpecialFileSystem | undefined;
}

export interface SpecialFileSystem {
  readonly name: string;
  /** `fuse`: a program's, which may be anything. `layer`: of a container, gone with it. */
  readonly kind: 'network' | 'fuse' | 'memory' | 'layer';
}

/** The types of statfs(2) in Linux (`linux/magic.h`). */
const SPECIAL: ReadonlyMap<number, SpecialFileSystem> = new Map([
  [0x6969, { name: 'NFS', kind: 'network' }],
  [0x517b, { name: 'SMB', kind: 'network' }],
  [0xff534d42, { name: 'CIFS', kind: 'network' }],
  [0xfe534d42, { name: 'SMB 2', kind: 'network' }],
  [0x01021997, { name: '9P', kind: 'network' }],
  [0x00c36400, { name: 'Ceph', kind: 'network' }],
  [0x0bd00bd0, { name: 'Lustre', kind: 'network' }],
  [0x5346414f, { name: 'AFS', kind: 'network' }],
  [0x6b414653, { name: 'AFS', kind: 'network' }],
  [0x786f4256, { name: 'VirtualBox shared folder', kind: 'network' }],
  [0xbacbacbc, { name: 'VMware shared folder', kind: 'network' }],
  [0x65735546, { name: 'FUSE', kind: 'fuse' }],
  [0x01021994, { name: 'tmpfs', kind: 'memory' }],
  [0x858458f6, { name: 'ramfs', kind: 'memory' }],
  [0x794c7630, { name: 'overlay', kind: 'layer' }],
]);

/** `type`: as statfs(2) of Linux gives it. */
export function specialFileSystem(type: number): SpecialFileSystem | undefined {
  // Some kernels give it as a negative number.
  return SPECIAL.get(type >>> 0);
}

/** The file system that holds a folder. Throws DISK. */
export async function fileSystemOf(folder: string): Promise<FileSystem> {
  const { bavail, bsize, blocks, type } = await attempt<fs.StatsFs>('access', folder, (done) =>
    fs.statfs(folder, done),
  );
  return {
    freeBytes: blocks === 0 ? undefined : bavail * bsize,
    special: platform === 'linux' ? specialFileSystem(type) : undefined,
  };
}

/** The folder, or the nearest one above it that exists (a link counts, even one to nothing). Throws DISK. */
export async function nearestFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    await attempt<fs.Stats>('access', path, (done) => fs.lstat(path, done));
    return path;
  } catch (error) {
    if (causeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return nearestFolder(dirname(path));
  }
}

/** Creates a hidden, empty file in the folder and removes it, both durably, to see whether that works. Throws DISK. */
export async function tryWriting(folder: string): Promise<void> {
  const disk = diskWithin(folder);
  const path = `${folder}/.ttl-archive-doctor-${randomUUID()}`;
  try {
    const file = await disk.createExclusive(path, '');
    await file?.close();
    await disk.remove(path);
    await disk.syncDirectory(folder);
  } catch (error) {
    if (!(error instanceof TtlArchiveError) || error.cause === undefined) throw error;
    // The folder matters, not the name of that file.
    throw diskError('write to the folder', folder, error.cause);
  }
}
