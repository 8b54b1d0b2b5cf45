import type { Format, Layout } from '../ports/index.js';

const LINE_START = '{"Item":';

/**
 * The JSON text of an archived item, cut from the text of a file or a line. Not parsed, because that would change the
 * numbers of format "plain".
 */
export function shownItem(
  text: string,
  { layout, format }: { readonly layout: Layout; readonly format: Format },
): string {
  const body = text.trimEnd();
  const isWrapped = layout === 'segments' && format === 'item' && body.startsWith(LINE_START);
  return isWrapped ? body.slice(LINE_START.length, -1) : body;
}
