import type { Io, Output } from './io.js';

const REDRAW_MS = 250;
/** To the line's start and clear it (ECMA-48 EL). */
const CLEAR = '\r\u001b[2K';

/** One line at the bottom of a terminal that makes way for everything else that is written. */
export class StatusLine {
  readonly #terminal: Output;
  #text = '';

  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  /** Shows safe text of one line in place of what was there. */
  show(text: string): void {
    // A full last column makes some terminals wrap; a terminal of unknown size has 0.
    const fitting = text.slice(0, Math.max(0, (this.#terminal.columns || 80) - 1));
    if (fitting === this.#text) return;
    this.#text = fitting;
    this.#terminal.write(`${CLEAR}${fitting}`);
  }

  /** Writes whole lines above the line. */
  around(write: () => void): void {
    if (this.#text === '') {
      write();
      return;
    }
    this.#terminal.write(CLEAR);
    write();
    this.#terminal.write(this.#text);
  }

  clear(): void {
    this.show('');
  }
}

export interface LiveLine {
  /** An Io whose terminal outputs make room for the line before each text. */
  readonly io: Io;
  /** Shows `render()`, safe text of one line, about four times a second. */
  start(render: () => string): void;
  /** Clears the line for good. */
  stop(): void;
}

/** A line that redraws itself on the terminal that stderr is; nothing at all when stderr is no terminal. */
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
      // It must not keep a finished command alive.
      timer = setInterval(redraw, REDRAW_MS).unref();
    },
    stop() {
      clearInterval(timer);
      line.clear();
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
