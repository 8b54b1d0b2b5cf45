import type { Format, Layout } from '../ports/index.js';

const LINE_START = '{"Item":';

/**
 * The JSON text of an item as it was archived, out of a file's or a line's text: character by character, since parsing
 * would change the numbers of format "plain".
 */
export function shownItem(
  text: string,
  { layout, format }: { readonly layout: Layout; readonly format: Format },
): string {
  const body = text.trimEnd();
  const isWrapped = layout === 'segments' && format === 'item' && body.startsWith(LINE_START);
  return isWrapped ? body.slice(LINE_START.length, -1) : body;
}
