import { escapeJson, escapeText } from '../lib/escape.js';

/** ANSI color codes. */
const COLORS: Readonly<Record<string, number>> = { debug: 34, info: 32, warn: 33, error: 31 };
const CYAN = 36;
const GREY = 90;

/**
 * A line of pino's JSON as text: local time, level, message, and the other members as JSON, without `event`, which is for
 * programs. Control characters are escaped.
 */
export function prettyLine(json: string, hasColor: boolean): string {
  const { level, time, msg, event: _, err, ...fields } = JSON.parse(json);
  const paint = (text: string, code: number): string => (hasColor ? `\u001b[${code}m${text}\u001b[39m` : text);
  const { stack, ...error } = err ?? {};
  const members = err === undefined ? fields : { ...fields, err: error };
  const rest = Object.keys(members).length === 0 ? '' : ` ${paint(escapeJson(JSON.stringify(members)), GREY)}`;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const line = `[${clock}] ${paint(String(level).toUpperCase(), COLORS[level] ?? 31)}: ${paint(escapeText(String(msg)), CYAN)}${rest}`;
  const frames = typeof stack === 'string' ? stack.split('\n').map((frame) => `    ${escapeText(frame)}`) : [];
  return [line, ...frames, ''].join('\n');
}
