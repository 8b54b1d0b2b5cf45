import { textWidth } from '../lib/text-width.js';
import type { Output } from './io.js';

const WIDTH = 80;

/** The columns for sentences: those of a narrow terminal, else 80. */
export function widthOf({ columns }: { readonly columns?: number | undefined }): number {
  return Math.min(columns || WIDTH, WIDTH);
}

/** The columns for sentences that programs may read, too: elsewhere than on a terminal each stays on one line. */
export function terminalWidthOf(output: Pick<Output, 'isTTY' | 'columns'>): number {
  return output.isTTY === true ? widthOf(output) : Number.POSITIVE_INFINITY;
}

/**
 * `prefix` and the words of `text`, on lines of at most `width` columns; later lines are indented. A longer word stays whole.
 */
export function wrap(prefix: string, text: string, indent = prefix.length, width = WIDTH): string[] {
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = prefix + first;
  for (const word of words) {
    if (textWidth(line) + 1 + textWidth(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    }
  }
  return [...lines, line];
}
