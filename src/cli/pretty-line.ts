import { escapeJson, escapeText } from '../lib/escape.js';
import { wrap } from './wrap.js';

/** ANSI color codes. */
const COLORS: Readonly<Record<string, number>> = { debug: 34, info: 32, warn: 33, error: 31 };
const CYAN = 36;
const GREY = 90;
/** Columns of the time, under which further lines begin. */
const INDENT = 11;

interface Look {
  readonly hasColor: boolean;
  /** Of the terminal; a longer message is wrapped at its words. Infinity: it is not. */
  readonly columns: number;
}

/**
 * A line of pino's JSON as text: local time, level, message, and the other members as JSON, without `event`, which is for
 * programs. Control characters are escaped. Where the line does not fit, the members stand below the message: in one line, because
 * some hold a command to paste.
 */
export function prettyLine(json: string, { hasColor, columns }: Look): string {
  const { level, time, msg, event: _, err, ...fields } = JSON.parse(json);
  const paint = (text: string, code: number): string => (hasColor ? `\u001b[${code}m${text}\u001b[39m` : text);
  const { stack, ...error } = err ?? {};
  const members = err === undefined ? fields : { ...fields, err: error };
  const rest = Object.keys(members).length === 0 ? '' : escapeJson(JSON.stringify(members));
  const clock = `[${new Date(time).toTimeString().slice(0, 8)}] `;
  const name = String(level).toUpperCase();
  const start = `${clock}${name}: `;
  const sentence = wrap(start, escapeText(String(msg)), INDENT, columns)
    .join('\n')
    .slice(start.length);
  const isShort = start.length + sentence.length + 1 + rest.length <= columns;
  const below = isShort ? ` ${rest}` : `\n${' '.repeat(INDENT)}${rest}`;
  const colored = `${clock}${paint(name, COLORS[level] ?? 31)}: ${paint(sentence, CYAN)}`;
  const frames = typeof stack === 'string' ? stack.split('\n').map((frame) => `    ${escapeText(frame)}`) : [];
  return [rest === '' ? colored : colored + paint(below, GREY), ...frames, ''].join('\n');
}
