import { escapeText } from '../../lib/escape.js';

/** HTML that may be put into a page. Made by `markup` alone, so that nothing untrusted gets there unescaped. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

type Value = string | number | Markup | readonly Markup[];

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** HTML from a template: texts in it are escaped, in attributes, too, which must be quoted. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const texts = values.map(htmlOf);
  return new Markup(parts.map((part, index) => part + (texts[index] ?? '')).join(''));
}

function htmlOf(value: Value): string {
  if (value instanceof Markup) return value.html;
  if (typeof value === 'object') return value.map(({ html }) => html).join('\n');
  // Characters that make text look different from what it is are shown, as on a terminal.
  return escapeText(String(value)).replace(/[&<>"']/g, (character) => NAMED[character] ?? character);
}
