/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the characters that turn the direction of text
 * or have no width: all that can move a cursor, start an escape sequence, or show a text other than the one that is there.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- they are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Untrusted text as one line that a terminal shows as it is; unsafe characters become `\n` or `\u001b`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => NAMED[character] ?? unicodeEscape(character));
}

/** JSON text made safe for a terminal without changing what it means. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, unicodeEscape);
}

/** A value as one line of JSON that is safe to show on a terminal. */
export function toJsonLine(value: unknown): string {
  return `${escapeJson(JSON.stringify(value))}\n`;
}
