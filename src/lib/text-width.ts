/**
 * Characters that take two columns: East Asian wide and fullwidth ones in the ranges of Unicode's EastAsianWidth.txt, with what
 * is not assigned inside them, and emoji. JavaScript's regular expressions do not know this property.
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\u2329\u232a\u2630-\u2637\u268a-\u268f]|\p{Emoji_Presentation}/u;
/** Drawn into the character before it, or not at all. */
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Asks for the colored form of the character before it, which then takes two columns. */
const EMOJI_FORM = '\ufe0f';

function columnsOf(character: string): number {
  if (character === EMOJI_FORM) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const isPlain = (text: string): boolean => /^[\u0020-\u007e]*$/.test(text);

/**
 * The columns that a terminal needs for `text`, which has no control characters. Terminals differ in emoji that are joined from
 * several: those count as all of their parts, so that no terminal needs more.
 */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The beginning of `text` that fits into `columns`. */
export function cutToWidth(text: string, columns: number): string {
  if (isPlain(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}
