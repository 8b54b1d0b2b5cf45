import type { Io, Output } from './io.js';

const REDRAW_MS = 250;
/** Returns to the start of the line and clears it (ECMA-48 EL). */
const CLEAR = '\r\u001b[2K';

/** The last line of a terminal; other output is written above it. */
export class StatusLine {
  readonly #terminal: Output;
  #text = '';

  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  /** Replaces the line with `text`, which must be one line without control characters. */
  show(text: string): void {
    // Some terminals wrap after the last column; a terminal of unknown size has 0 columns.
    const fitting = text.slice(0, Math.max(0, (this.#terminal.columns || 80) - 1));
    if (fitting === this.#text) return;
    this.#text = fitting;
    this.#terminal.write(`${CLEAR}${fitting}`);
  }

  /** Runs `write`, which writes whole lines, above the line. */
  around(write: () => void): void {
    if (this.#text !== '') this.#terminal.write(CLEAR);
    write();
    if (this.#text !== '') this.#terminal.write(this.#text);
  }
}

export interface LiveLine {
  /** An Io whose terminal outputs write above the line. */
  readonly io: Io;
  /** Shows `render()`, one line without control characters, four times a second. */
  start(render: () => string): void;
  /** Clears the line and stops redrawing it. */
  stop(): void;
}

/** A line that redraws itself on stderr; does nothing when stderr is no terminal. */
export function createLiveLine(io: Io): LiveLine {
  if (io.stderr.isTTY !== true || io.env['TERM'] === 'dumb') {
    return { io, start: () => undefined, stop: () => undefined };
  }
  const line = new StatusLine(io.stderr);
  let timer: NodeJS.Timeout | undefined;
  return {
    io: {
      ...io,
      stderr: above(line, io.stderr),
      stdout: io.stdout.isTTY === true ? above(line, io.stdout) : io.stdout,
    },
    start(render) {
      const redraw = (): void => line.show(render());
      redraw();
      // The timer must not keep a finished command alive.
      timer = setInterval(redraw, REDRAW_MS).unref();
    },
    stop() {
      clearInterval(timer);
      line.show('');
    },
  };
}

function above(line: StatusLine, output: Output): Output {
  return {
    write: (text) => line.around(() => output.write(text)),
    drained: () => output.drained?.(),
    get isTTY() {
      return output.isTTY === true;
    },
    get columns() {
      return output.columns || 80;
    },
  };
}
