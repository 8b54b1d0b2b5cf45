import * as fs from 'node:fs';
import { diskError } from './disk-error.js';

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** One callback call of node:fs as a promise; a failure is a DISK error that names `path`. */
export function attempt<T>(action: string, path: string, call: (done: Done<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    try {
      call((error, value) => (error ? reject(diskError(action, path, error)) : resolve(value)));
    } catch (error) {
      reject(diskError(action, path, error)); // node:fs throws for a path with a NUL byte
    }
  });
}

/** One synchronous call of node:fs; a failure is a DISK error that names `path`. */
export function attemptNow<T>(action: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw diskError(action, path, error);
  }
}

/**
 * Writes all bytes: one write may take only a part of them (a disk that is nearly full). With `position` they replace
 * the bytes there.
 */
export async function writeAll(fd: number, path: string, bytes: Uint8Array, position?: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const at = position === undefined ? null : position + written;
    written += await attempt<number>('write', path, (done) =>
      fs.write(fd, bytes, written, bytes.length - written, at, done),
    );
  }
}

/** Writes all bytes synchronously: for an item's file, the page cache is faster than waking another thread. */
export function writeAllNow(fd: number, path: string, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += attemptNow('write', path, () => fs.writeSync(fd, bytes, written, bytes.length - written, null));
  }
}

/** Closes a file and ignores errors. */
export function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Another failure came first, or nothing was written.
  }
}
