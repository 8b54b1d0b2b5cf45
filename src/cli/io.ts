import type { TtlArchiveError } from '../errors.js';

/** Where text goes. `process.stdout` is one, a test's buffer another. */
export interface Output {
  write(text: string): unknown;
  /** While a slow reader is behind: resolves when it has caught up, or when the command has to end. */
  drained?(): Promise<void> | undefined;
  readonly isTTY?: boolean;
  /** Width in characters of a terminal. */
  readonly columns?: number;
}

/** Everything of the process that a command may see; `bin.ts` makes the real one. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which the command was started (absolute). */
  readonly cwd: string;
  /** Aborts with a Stop when the command has to end: a signal, or stdout that takes no more. */
  readonly signal: AbortSignal;
  /** Asks on the terminal and gives the answer (`''` when Ctrl-C or Ctrl-D ends it); undefined when there is nobody to ask. */
  ask(question: string): Promise<string | undefined>;
  /** Waits until stdout has taken everything; gives why it did not. */
  flush(): Promise<TtlArchiveError | undefined>;
}

/** Why a command was told to end. The reason of `Io.signal`. */
export class Stop extends Error {
  override readonly name = 'Stop';
  /** `EPIPE`: nobody reads stdout any more. `OUTPUT`: stdout cannot be written (a full disk). */
  readonly why: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE' | 'OUTPUT';

  constructor(why: Stop['why']) {
    super(`stopped by ${why}`);
    this.why = why;
  }
}
