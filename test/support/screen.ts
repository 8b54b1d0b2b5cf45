import xterm from '@xterm/headless';
import type { Output } from '../../src/cli/io.js';

export interface Screen extends Output {
  /** What stands on the screen, without empty lines at its end. */
  lines(): Promise<string[]>;
  cursor(): Promise<{ readonly column: number; readonly row: number }>;
  resize(columns: number): Promise<void>;
}

/** A terminal that interprets escape sequences as xterm does. */
export function createScreen(columns = 80, height = 24): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows: height, convertEol: true, allowProposedApi: true });
  const parsed = () => new Promise<void>((resolve) => terminal.write('', resolve));
  return {
    isTTY: true,
    get columns() {
      return terminal.cols;
    },
    write: (text) => terminal.write(text),
    async lines() {
      await parsed();
      const buffer = terminal.buffer.active;
      const rows = Array.from(
        { length: buffer.length },
        (_, row) => buffer.getLine(row)?.translateToString(true) ?? '',
      );
      return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1);
    },
    async cursor() {
      await parsed();
      const { cursorX, cursorY, baseY } = terminal.buffer.active;
      return { column: cursorX, row: baseY + cursorY };
    },
    async resize(to) {
      await parsed();
      terminal.resize(to, height);
    },
  };
}
