import { cutToWidth } from '../lib/text-width.js';
import type { Io, Output } from './io.js';

const REDRAW_MS = 250;
/** Clears from the start of the line to the end of the screen (ECMA-48 ED): a narrowed terminal has wrapped what was there. */
const CLEAR = '\r\u001b[J';
/**
 * Text at which the terminal does not wrap (DECAWM), whatever it thinks of the width of a character. The cursor returns to the
 * start: when the terminal gets narrower, all of the text is after it, and what CLEAR clears.
 */
const draw = (text: string): string => `${CLEAR}\u001b[?7l${text}\u001b[?7h\r`;

/** The last line of a terminal; other output is written above it. The cursor is never hidden, so nothing has to be restored. */
export class StatusLine {
  readonly #terminal: Output;
  #text = '';
  /** What was written above it ends in the middle of a line. */
  #isMidLine = false;

  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  /** The columns for its text: some terminals wrap after the last one; a terminal of unknown size has 0. */
  get columns(): number {
    return Math.max(0, (this.#terminal.columns || 80) - 1);
  }

  /** Replaces the line with `text`, which must be one line without control characters. */
  show(text: string): void {
    const fitting = cutToWidth(text, this.columns);
    if (fitting === this.#text) return;
    this.#text = fitting;
    if (!this.#isMidLine) this.#terminal.write(fitting === '' ? CLEAR : draw(fitting));
  }

  /** Writes `text` to an output that ends on the same terminal, above the line. */
  writeAbove(output: Output, text: string): unknown {
    if (text === '') return undefined;
    if (this.#text !== '' && !this.#isMidLine) this.#terminal.write(CLEAR);
    const written = output.write(text);
    this.#isMidLine = !text.endsWith('\n');
    if (this.#text !== '' && !this.#isMidLine) this.#terminal.write(draw(this.#text));
    return written;
  }
}

export interface LiveLine {
  /** An Io whose terminal outputs write above the line. */
  readonly io: Io;
  /**
   * Shows `render(columns)`, one line without control characters, four times a second; a command that is done in less than that
   * shows nothing.
   */
  start(render: (columns: number) => string): void;
  /** Clears the line and stops redrawing it. */
  stop(): void;
}

/** A line that redraws itself on stderr; does nothing when stderr is no terminal, or one that can only print. */
export function createLiveLine(io: Io): LiveLine {
  const { stderr, stdout, terminal } = io;
  if (stderr.isTTY !== true || io.env['TERM'] === 'dumb') {
    return { io, start: () => undefined, stop: () => undefined };
  }
  const line = new StatusLine(stderr);
  let timer: NodeJS.Timeout | undefined;
  let release: (() => void) | undefined;
  const stop = (): void => {
    clearInterval(timer);
    release?.();
    line.show('');
  };
  return {
    io: { ...io, stderr: above(line, stderr), stdout: stdout.isTTY === true ? above(line, stdout) : stdout },
    start(render) {
      stop();
      const redraw = (): void => line.show(terminal?.isInBackground() === true ? '' : render(line.columns));
      // The timer must not keep a finished command alive.
      timer = setInterval(redraw, REDRAW_MS).unref();
      release = terminal?.share({
        leave: () => line.show(''),
        redraw() {
          line.show('');
          redraw();
        },
      });
    },
    stop,
  };
}

function above(line: StatusLine, output: Output): Output {
  return {
    write: (text) => line.writeAbove(output, text),
    drained: () => output.drained?.(),
    get isTTY() {
      return output.isTTY === true;
    },
    get columns() {
      return output.columns || 80;
    },
  };
}
