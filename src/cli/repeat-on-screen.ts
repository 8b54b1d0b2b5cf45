import type { Clock } from '../ports/index.js';
import type { Io } from './io.js';

/** The alternate screen, without a cursor; and back to what was there before (xterm, DECTCEM). */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

interface RepeatContext {
  readonly io: Pick<Io, 'stdout' | 'env' | 'signal'>;
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
  const { stdout, signal } = io;
  const isScreen = !append && stdout.isTTY === true && io.env['TERM'] !== 'dumb';
  let isEntered = false;
  try {
    while (!signal.aborted) {
      // The first text comes before the screen, so that an error leaves nothing behind.
      const next = await text();
      if (signal.aborted) break;
      if (isScreen && !isEntered) stdout.write(ENTER);
      isEntered = isScreen;
      stdout.write(isScreen ? frame(next, { columns: stdout.columns || 80, rows: stdout.rows || 24 }) : next);
      await stdout.drained?.();
      await clock.sleep(interval, signal);
    }
  } finally {
    if (isEntered) stdout.write(LEAVE);
  }
}

/** The text as far as it fits; what does not is counted in the last line. */
function frame(text: string, { columns, rows }: { readonly columns: number; readonly rows: number }): string {
  const lines = text.trimEnd().split('\n');
  const hidden = lines.length - (rows - 1);
  const shown = hidden <= 0 ? lines : [...lines.slice(0, Math.max(0, rows - 2)), `… and ${hidden + 1} more lines`];
  return HOME + shown.map((line) => `${line.slice(0, columns - 1)}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW;
}
