import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Output } from './io.js';

export interface ProcessOutput extends Output {
  /** Resolves when everything is written, or has failed. */
  finish(): Promise<void>;
}

/** The members of `process.stdout` that are used here. */
export interface WritableOutput {
  write(text: string, callback?: () => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  readonly writableNeedDrain: boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

interface Options {
  /** Called for each failed write. */
  readonly onError: (error: unknown) => void;
  /** Stops waiting for a slow reader. */
  readonly signal: AbortSignal;
}

/** True for a file, and for a device other than a terminal: writes to them are synchronous. */
export function isFileLike(fd: number, isTerminal: boolean): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || stat.isBlockDevice() || (stat.isCharacterDevice() && !isTerminal);
}

/**
 * Writes to a file. Node's own stream ignores that a nearly full disk has written only a part, and the error that a network
 * file system reports at the close.
 */
export function fileOutput(fd: number, { onError }: Pick<Options, 'onError'>): ProcessOutput {
  return {
    write(text) {
      const bytes = Buffer.from(text);
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      } catch (error) {
        onError(error);
      }
    },
    async finish() {
      try {
        closeSync(fd);
      } catch (error) {
        onError(error);
      }
    },
  };
}

/** Writes to a pipe, a socket or a terminal. */
export function streamOutput(stream: WritableOutput, { onError, signal }: Options): ProcessOutput {
  stream.on('error', onError);
  let waiting: Promise<void> | undefined;
  return {
    write: (text) => stream.write(text),
    drained() {
      if (!stream.writableNeedDrain || signal.aborted) return undefined;
      waiting ??= new Promise<void>((resolve) => {
        stream.once('drain', resolve);
        stream.once('close', resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      }).finally(() => {
        waiting = undefined;
      });
      return waiting;
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 0;
    },
    get rows() {
      return stream.rows ?? 0;
    },
    finish: () => new Promise((resolve) => void stream.write('', () => resolve())),
  };
}
