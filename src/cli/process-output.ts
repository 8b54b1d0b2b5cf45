import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Output } from './io.js';

export interface ProcessOutput extends Output {
  /** Resolves when everything is written, or cannot be. */
  finish(): Promise<void>;
}

/** The part of `process.stdout` that is used here. */
export interface WritableOutput {
  write(text: string, callback?: () => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  readonly writableNeedDrain: boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

interface Watchers {
  /** Called each time something could not be written. */
  readonly onError: (error: unknown) => void;
  /** Ends the waiting for a slow reader. */
  readonly signal: AbortSignal;
}

/** True when a descriptor is a file or a device other than a terminal: what is written there is written at once. */
export function isFileLike(fd: number, isTerminal: boolean): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || stat.isBlockDevice() || (stat.isCharacterDevice() && !isTerminal);
}

/**
 * Writes to a file. Node's own stream takes a write for done that a nearly full disk took in part only, and never
 * learns what a network file system says when the file is closed.
 */
export function fileOutput(fd: number, { onError }: Watchers): ProcessOutput {
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
export function streamOutput(stream: WritableOutput, { onError, signal }: Watchers): ProcessOutput {
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
    finish: () => new Promise((resolve) => void stream.write('', () => resolve())),
  };
}
