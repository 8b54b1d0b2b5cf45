import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import type { AppendFile, Disk } from '../ports.js';
import { nodeAppendFile } from './append-file.js';
import { attempt, withFile, writeAllNow } from './calls.js';
import { diskError, systemCode } from './disk-error.js';

// A umask can only take rights away from these, and none takes the owner's.
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The real file system. It uses the callback functions of node:fs: `replace` is the hot path of `--layout files`. */
export const nodeDisk: Disk = {
  makeDirectory,
  list,
  read,
  readAt,
  size,
  replace,
  createExclusive,
  rename,
  remove,
  syncDirectory,
  openAppend,
};

async function makeDirectory(path: string): Promise<void> {
  if (await makeFolder(path)) return;
  // Not with `recursive`: where a folder exists and yet takes no new one (/proc), Node.js tries for ever.
  await makeDirectory(dirname(resolve(path)));
  if (await makeFolder(path)) return;
  throw diskError('create the folder', path, Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
}

/** False when its parent is missing. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await attempt<void>('create the folder', path, (done) =>
      fs.mkdir(path, { mode: FOLDER_MODE }, (error) => done(error, undefined)),
    );
  } catch (error) {
    const code = error instanceof TtlArchiveError ? systemCode(error.cause) : undefined;
    if (code === 'ENOENT' && dirname(resolve(path)) !== resolve(path)) return false;
    if (code === 'EEXIST' && (await isFolder(path))) return true;
    throw error;
  }
  // The folder is new: a name in its parent, and has to be durable there.
  await syncDirectory(dirname(resolve(path)));
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await attempt<fs.Stats>('create the folder', path, (done) => fs.stat(path, done))).isDirectory();
}

async function list(path: string): Promise<string[] | undefined> {
  const entries = await unlessMissing(
    attempt<fs.Dirent[]>('list the folder', path, (done) => fs.readdir(path, { withFileTypes: true }, done)),
  );
  return entries?.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
}

function read(path: string): Promise<Buffer | undefined> {
  return unlessMissing(attempt<Buffer>('read', path, (done) => fs.readFile(path, done)));
}

function readAt(path: string, position: number, length: number): Promise<Buffer> {
  return withFile({ action: 'read', path, flags: 'r' }, async (fd) => {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const bytes = await attempt<number>('read', path, (done) =>
        fs.read(fd, buffer, filled, length - filled, position + filled, done),
      );
      if (bytes === 0) break;
      filled += bytes;
    }
    return buffer.subarray(0, filled);
  });
}

async function size(path: string): Promise<number | undefined> {
  const found = await unlessMissing(attempt<fs.Stats>('look at', path, (done) => fs.stat(path, done)));
  return found?.size;
}

async function replace(path: string, temporary: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeTemporary(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await remove(temporary).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

/** A left-over of a crash is removed, not reused: it may have other rights, or be a link to somewhere else. */
async function writeTemporary(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    if (causeOf(error) !== 'EEXIST') throw error;
    await remove(path);
    await writeFile(path, content);
  }
}

/** The name appears together with its whole content: a crash never leaves a half-written file under it. */
async function createExclusive(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  try {
    await attempt<void>('create', path, (done) => fs.link(temporary, path, done));
    return true;
  } catch (error) {
    const code = causeOf(error);
    if (code === 'EEXIST') return false;
    // FAT and some network file systems have no hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await createDirectly(path, content);
    throw error;
  } finally {
    await remove(temporary).catch(() => undefined);
  }
}

async function createDirectly(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content);
    return true;
  } catch (error) {
    if (causeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Creates the file, which must not exist. fdatasync makes the content and the size durable, all that reading the file back needs; only times may lag. */
function writeFile(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return withFile({ action: 'write', path, flags: 'wx', mode: FILE_MODE }, async (fd) => {
    writeAllNow(fd, path, bytes);
    await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
  });
}

function rename(from: string, to: string): Promise<void> {
  return attempt<void>('write', to, (done) => fs.rename(from, to, done));
}

async function remove(path: string): Promise<void> {
  await unlessMissing(attempt<void>('remove', path, (done) => fs.unlink(path, done)));
}

function syncDirectory(path: string): Promise<void> {
  return withFile({ action: 'write the folder', path, flags: 'r' }, (fd) =>
    attempt<void>('write the folder', path, (done) =>
      fs.fsync(fd, (error) => {
        // Windows and some network file systems cannot sync a folder; there is nothing more that could be done.
        const code = systemCode(error);
        done(code === 'EINVAL' || code === 'ENOTSUP' || code === 'EPERM' ? null : error);
      }),
    ),
  );
}

async function openAppend(path: string): Promise<AppendFile> {
  const fd = await attempt<number>('write', path, (done) => fs.open(path, 'a', FILE_MODE, done));
  try {
    const { size: length } = await attempt<fs.Stats>('look at', path, (done) => fs.fstat(fd, done));
    return nodeAppendFile(fd, path, length);
  } catch (error) {
    await attempt<void>('close', path, (done) => fs.close(fd, done)).catch(() => undefined);
    throw error;
  }
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (causeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The system's code behind a DISK error. */
function causeOf(error: unknown): string | undefined {
  return systemCode(error instanceof Error ? error.cause : undefined);
}
