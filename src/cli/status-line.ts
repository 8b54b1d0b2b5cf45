import { clearInterval, setInterval } from 'node:timers';
import type { Io, Output } from './io.js';

const REDRAW_MS = 250;
/** To the line's start and clear it (ECMA-48 EL). */
const CLEAR = '\r\u001b[2K';

export interface StatusLine {
  /** An Io whose terminal outputs make room for the line before each text. */
  readonly io: Io;
  /** Shows `render()`, safe text of one line, about four times a second. */
  start(render: () => string): void;
  /** Clears the line for good. */
  stop(): void;
}

/** A live line at the bottom of the terminal that stderr is; nothing at all when stderr is no terminal. */
export function createStatusLine(io: Io): StatusLine {
  if (io.stderr.isTTY !== true || io.env['TERM'] === 'dumb') {
    return { io, start: () => undefined, stop: () => undefined };
  }
  const line = new Line(io.stderr);
  return {
    io: {
      ...io,
      stderr: line.beside(io.stderr),
      stdout: io.stdout.isTTY === true ? line.beside(io.stdout) : io.stdout,
    },
    start: (render) => line.start(render),
    stop: () => line.stop(),
  };
}

class Line {
  readonly #terminal: Output;
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  start(render: () => string): void {
    const redraw = (): void => this.#show(render());
    redraw();
    // It must not keep a finished command alive.
    this.#timer = setInterval(redraw, REDRAW_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#show('');
  }

  beside(output: Output): Output {
    const terminal = this.#terminal;
    const write = (text: string): void => {
      if (this.#text === '') {
        output.write(text);
        return;
      }
      terminal.write(CLEAR);
      output.write(text);
      if (text.endsWith('\n')) terminal.write(this.#text);
      else this.#text = '';
    };
    return {
      write,
      get isTTY() {
        return output.isTTY === true;
      },
      get columns() {
        return output.columns ?? 80;
      },
    };
  }

  #show(text: string): void {
    // A full last column makes some terminals wrap.
    const fitting = text.slice(0, Math.max(0, (this.#terminal.columns ?? 80) - 1));
    if (fitting === this.#text) return;
    this.#text = fitting;
    this.#terminal.write(`${CLEAR}${fitting}`);
  }
}
