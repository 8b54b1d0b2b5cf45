/** Where text goes. `process.stdout` is one, a test's buffer another. */
export interface Output {
  write(text: string): unknown;
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
  /** Aborts with a Stop when the command has to end: SIGINT, SIGTERM, or nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Asks on the terminal and gives the answer; undefined when there is nobody to ask. */
  ask(question: string): Promise<string | undefined>;
}

/** Why a command was told to end. The reason of `Io.signal`. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly why: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE';

  constructor(why: Stop['why']) {
    super(`stopped by ${why}`);
    this.why = why;
  }
}
