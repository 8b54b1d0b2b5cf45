/**
 * Control characters (C0, DEL, C1), line and paragraph separators, characters that change the direction of text or have
 * no width: everything that can move a cursor, start an escape sequence, or make text look different from what it is.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- it must find them
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Untrusted text as one line that a terminal shows as it is; unsafe characters become `\n` or `\u001b`. */
export function escapeText(text: string): string {
  return replaceUnsafe(text, (character) => NAMED[character] ?? unicodeEscape(character));
}

/** JSON text made safe for a terminal without changing its meaning. */
export function escapeJson(json: string): string {
  return replaceUnsafe(json, unicodeEscape);
}

/** `replace` holds some fifty bytes for each match until it has found them all, so a long text is escaped in slices. */
const SLICE = 64 * 1024;

function replaceUnsafe(text: string, escape: (character: string) => string): string {
  if (text.length <= SLICE) return text.replace(UNSAFE, escape);
  return [...slices(text)].map((slice) => slice.replace(UNSAFE, escape)).join('');
}

/** A text in pieces for a terminal or a pipe; no character is split. */
export function* slices(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    // The two surrogates of a character beyond U+FFFF stay together: alone, each would be escaped.
    const end = start + SLICE + (/[\ud800-\udbff]/.test(text.charAt(start + SLICE - 1)) ? 1 : 0);
    yield text.slice(start, end);
    start = end;
  }
}

/** A value as one line of JSON that is safe on a terminal. */
export function toJsonLine(value: unknown): string {
  return `${escapeJson(JSON.stringify(value))}\n`;
}

/** A name for a message: in double quotes, and safe on a terminal. */
export function quoted(name: string): string {
  return escapeJson(JSON.stringify(name));
}
