import type { TtlArchiveError } from '../errors.js';
import type { Terminal } from './terminal.js';

/** A text output: `process.stdout`, or a test's buffer. */
export interface Output {
  write(text: string): unknown;
  /** While a slow reader is behind: resolves when it has caught up, or when the command must end. */
  drained?(): Promise<void> | undefined;
  readonly isTTY?: boolean;
  /** Width in characters of a terminal. */
  readonly columns?: number;
  /** Its height in lines. */
  readonly rows?: number;
}

/** The process as commands see it; `bin.ts` creates the real one. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which the command was started (absolute). */
  readonly cwd: string;
  /** Aborts with a Stop when the command must end: on a signal, or when stdout cannot be written. */
  readonly signal: AbortSignal;
  /** Absent without a terminal. */
  readonly terminal?: Terminal;
  /** Asks on the terminal. Resolves with the answer (`''` after Ctrl-C or Ctrl-D), or undefined without a terminal. */
  ask(question: string): Promise<string | undefined>;
  /** Waits until stdout is written; resolves with the error when it cannot be. */
  flush(): Promise<TtlArchiveError | undefined>;
}

/** Why a command must end. The reason of `Io.signal`. */
export class Stop extends Error {
  override readonly name = 'Stop';
  /** `EPIPE`: the reader of stdout is gone. `OUTPUT`: stdout cannot be written (a full disk). */
  readonly why: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE' | 'OUTPUT';

  constructor(why: Stop['why']) {
    super(`stopped by ${why}`);
    this.why = why;
  }
}
