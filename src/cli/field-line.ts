import { textWidth } from '../lib/text-width.js';

/** A value of a live line, in its place. */
export interface Field {
  readonly text: string;
  /** The higher, the earlier it is left out on a narrow terminal. */
  readonly rank: number;
  /**
   * Its least columns: a value that gets longer and shorter does not move the ones after it. A text that begins with a number
   * is aligned on the right.
   */
  readonly width?: number;
}

const SPACE = '  ';

/** The fields that fit into `columns` in one line. */
export function fieldLine(fields: readonly Field[], columns: number): string {
  let kept = fields.map((field) => ({ rank: field.rank, text: padded(field) }));
  const width = (): number =>
    textWidth(
      kept
        .map(({ text }) => text)
        .join(SPACE)
        .trimEnd(),
    );
  while (kept.length > 1 && width() > columns) {
    const least = Math.max(...kept.map(({ rank }) => rank));
    const at = kept.findLastIndex(({ rank }) => rank === least);
    kept = kept.toSpliced(at, 1);
  }
  return kept
    .map(({ text }) => text)
    .join(SPACE)
    .trimEnd();
}

function padded({ text, width = 0 }: Field): string {
  const padding = ' '.repeat(Math.max(0, width - textWidth(text)));
  return /^\d/.test(text) ? padding + text : text + padding;
}
