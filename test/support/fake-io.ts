import type { Io, Output } from '../../src/cli/io.js';
import type { Terminal } from '../../src/cli/terminal.js';

export interface FakeIo extends Io {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
}

/** An Io without a process: collects what is written, and answers questions with `answer`. */
export function fakeIo(
  options: {
    readonly stdout?: Partial<Output>;
    readonly stderr?: Partial<Output>;
    readonly env?: Io['env'];
    readonly cwd?: string;
    readonly signal?: AbortSignal;
    readonly answer?: string;
    readonly terminal?: Terminal;
  } = {},
): FakeIo {
  const texts = { out: '', err: '' };
  return {
    stdout: {
      write: (text) => {
        texts.out += text;
      },
      ...options.stdout,
    },
    stderr: {
      write: (text) => {
        texts.err += text;
      },
      ...options.stderr,
    },
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    signal: options.signal ?? new AbortController().signal,
    ...(options.terminal !== undefined && { terminal: options.terminal }),
    ask: async () => options.answer,
    flush: async () => undefined,
    out: () => texts.out,
    err: () => texts.err,
  };
}
