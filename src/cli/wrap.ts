const WIDTH = 80;

/**
 * `prefix` and the words of `text`, on lines of at most `width` characters; later lines are indented. A longer word stays
 * whole.
 */
export function wrap(prefix: string, text: string, indent = prefix.length, width = WIDTH): string[] {
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = prefix + first;
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    }
  }
  return [...lines, line];
}
