import * as fs from 'node:fs';
import { refusal, systemCode } from './disk-error.js';
import { attempt } from './fs-promise.js';
import type { Place } from './place.js';

// Windows has none of these flags: undefined counts as 0.
const { O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;
const SAFE = O_NONBLOCK | O_NOCTTY;

export interface Opened {
  readonly fd: number;
  readonly stats: fs.Stats;
}

/**
 * The one place that opens files that may already exist. It opens regular files only: O_NONBLOCK keeps a named pipe from
 * waiting for its other end, and fstat checks what was opened. Throws TtlArchiveError DISK.
 */
export async function openFile(action: string, place: Place, flags: number, mode?: number): Promise<Opened> {
  const { path, real, follow } = place;
  let fd: number;
  try {
    fd = await attempt<number>(action, path, (done) =>
      fs.open(real, flags | SAFE | (follow ? 0 : O_NOFOLLOW), mode, done),
    );
  } catch (error) {
    throw (await whyNotOpened(action, place, error)) ?? error;
  }
  try {
    const stats = await attempt<fs.Stats>('access', path, (done) => fs.fstat(fd, done));
    if (!stats.isFile()) throw notAFile(action, path, stats);
    return { fd, stats };
  } catch (error) {
    fs.close(fd, () => undefined);
    throw error;
  }
}

/** The size of a regular file. Throws for anything else. */
export async function sizeOf(place: Place): Promise<number> {
  const { path } = place;
  const stats = await attempt<fs.Stats>('access', path, (done) => statPlace(place, done));
  if (!stats.isFile()) throw notAFile('read', path, stats);
  return stats.size;
}

/** Runs `use` with a file open for reading, then closes it. */
export async function reading<T>(place: Place, use: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = await openFile('read', place, fs.constants.O_RDONLY);
  try {
    return await use(opened);
  } finally {
    fs.close(opened.fd, () => undefined);
  }
}

/** Up to `length` bytes from `position`; fewer at the end of the file. */
export async function readRange(fd: number, path: string, position: number, length: number): Promise<Buffer> {
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
}

/** A clear reason when `open` itself rejects a link, a socket or a folder. */
async function whyNotOpened(action: string, place: Place, error: unknown) {
  const { path } = place;
  const code = causeOf(error);
  if (code !== 'ELOOP' && code !== 'ENXIO' && code !== 'EISDIR') return undefined;
  const stats = await attempt<fs.Stats>(action, path, (done) => statPlace(place, done)).catch(() => undefined);
  return stats === undefined || stats.isFile() ? undefined : notAFile(action, path, stats);
}

function statPlace(
  { real, follow }: Place,
  done: (error: NodeJS.ErrnoException | null, stats: fs.Stats) => void,
): void {
  if (follow) fs.stat(real, done);
  else fs.lstat(real, done);
}

function notAFile(action: string, path: string, stats: fs.Stats) {
  return refusal(action, path, `it is ${kindOf(stats)}, not a file`);
}

/** The type of a file system entry, for messages. */
export function kindOf(stats: fs.Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isFile() ? 'a file' : 'a device';
}

/** True when both are the same file. */
export function isSameFile(a: fs.Stats, b: fs.Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** The system error code in the cause of a DISK error. */
export function causeOf(error: unknown): string | undefined {
  return systemCode(error instanceof Error ? error.cause : undefined);
}
