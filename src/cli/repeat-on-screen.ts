import { cutToWidth } from '../lib/text-width.js';
import type { Clock } from '../ports/index.js';
import type { Io } from './io.js';

/** The alternate screen, without a cursor; and back to what was there before (xterm, DECTCEM). */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

interface RepeatContext {
  readonly io: Pick<Io, 'stdout' | 'env' | 'signal' | 'terminal'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/**
 * Shows a text of whole lines, made anew each `interval` milliseconds, until the signal aborts. On a terminal it fills the
 * screen, which is restored at the end, also after an error. Elsewhere, and with `append`, each text follows the one before.
 */
export async function repeatOnScreen(
  { io, clock }: RepeatContext,
  { interval, append }: { readonly interval: number; readonly append: boolean },
  text: () => Promise<string>,
): Promise<void> {
  const { signal } = io;
  const isScreen = !append && io.stdout.isTTY === true && io.env['TERM'] !== 'dumb';
  const screen = isScreen ? createScreen(io) : undefined;
  try {
    while (!signal.aborted) {
      // The first text comes before the screen, so that an error leaves nothing behind.
      const next = await text();
      if (signal.aborted) break;
      if (screen === undefined) io.stdout.write(next);
      else screen.show(next);
      await io.stdout.drained?.();
      await clock.sleep(interval, signal);
    }
  } finally {
    screen?.close();
  }
}

/** The alternate screen, entered with the first text, and left while the shell has the terminal. */
function createScreen({ stdout, terminal }: RepeatContext['io']) {
  let isEntered = false;
  let shown = '';
  const leave = (): void => {
    if (isEntered) stdout.write(LEAVE);
    isEntered = false;
  };
  const draw = (): void => {
    if (shown === '' || terminal?.isInBackground() === true) return;
    if (!isEntered) stdout.write(ENTER);
    isEntered = true;
    stdout.write(frame(shown, { columns: stdout.columns || 80, rows: stdout.rows || 24 }));
  };
  const release = terminal?.share({ leave, redraw: draw });
  return {
    show(text: string): void {
      shown = text;
      draw();
    },
    close(): void {
      release?.();
      leave();
    },
  };
}

/** The text as far as it fits; what does not is counted in the last line. */
function frame(text: string, { columns, rows }: { readonly columns: number; readonly rows: number }): string {
  const lines = text.trimEnd().split('\n');
  const hidden = lines.length - (rows - 1);
  const shown = hidden <= 0 ? lines : [...lines.slice(0, Math.max(0, rows - 2)), `… and ${hidden + 1} more lines`];
  return HOME + shown.map((line) => `${cutToWidth(line, columns - 1)}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW;
}
