import * as fs from 'node:fs';
import { diskError } from './disk-error.js';

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** One callback call of node:fs as a promise; a failure is a DISK error that names `path`. */
export function attempt<T>(action: string, path: string, call: (done: Done<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    try {
      call((error, value) => (error ? reject(diskError(action, path, error)) : resolve(value)));
    } catch (error) {
      reject(diskError(action, path, error)); // a path with a NUL byte is refused by a throw
    }
  });
}

/** Runs `use` with the file open, and closes it whatever happens; the first failure is the one that is thrown. */
export async function withFile<T>(
  file: { action: string; path: string; flags: string; mode?: number },
  use: (fd: number) => Promise<T>,
): Promise<T> {
  const { action, path, flags, mode = 0o600 } = file;
  const fd = await attempt<number>(action, path, (done) => fs.open(path, flags, mode, done));
  let result: T;
  try {
    result = await use(fd);
  } catch (error) {
    await attempt<void>(action, path, (done) => fs.close(fd, done)).catch(() => undefined);
    throw error;
  }
  // Network file systems may report a failed write only here.
  await attempt<void>(action, path, (done) => fs.close(fd, done));
  return result;
}

/** Writes all bytes at the file's own position: one write may take only a part of them (a disk that is nearly full). */
export async function writeAll(fd: number, path: string, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += await attempt<number>('write', path, (done) =>
      fs.write(fd, bytes, written, bytes.length - written, null, (error, count) => done(error, count)),
    );
  }
}
