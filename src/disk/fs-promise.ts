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

/** One synchronous call of node:fs; a failure is a DISK error that names `path`. */
function attemptNow<T>(action: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw diskError(action, path, error);
  }
}

/**
 * Runs `use` with the file open (`real`; `path` is for messages), and closes it whatever happens; the first failure is the one that is thrown. To close
 * a file that has nothing left to write takes a microsecond, less than the way to another thread and back.
 */
export async function withFile<T>(
  file: { action: string; path: string; real: string; flags: string; mode?: number },
  use: (fd: number) => Promise<T>,
): Promise<T> {
  const { action, path, real, flags, mode = 0o600 } = file;
  const fd = await attempt<number>(action, path, (done) => fs.open(real, flags, mode, done));
  let result: T;
  try {
    result = await use(fd);
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
  // Network file systems may report a failed write only here.
  attemptNow(action, path, () => fs.closeSync(fd));
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

/** The same from a position on, over what is there. */
export async function writeAllAt(fd: number, path: string, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += await attempt<number>('write', path, (done) =>
      fs.write(fd, bytes, written, bytes.length - written, position + written, (error, count) => done(error, count)),
    );
  }
}

/** The same at once, for a file of an item: the page cache takes it faster than another thread is woken. */
export function writeAllNow(fd: number, path: string, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += attemptNow('write', path, () => fs.writeSync(fd, bytes, written, bytes.length - written, null));
  }
}

/** Closes a file after another failure, which is the one to report. */
export function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Another failure came first.
  }
}
