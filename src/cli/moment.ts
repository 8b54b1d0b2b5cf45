import { InvalidArgumentError } from 'commander';
import { parseDuration } from './duration.js';

const ADVICE =
  'Give a date or a time like 2026-11-24 or 2026-11-24T08:00 (UTC unless it names a zone), or a duration before now like 2h.';

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Parses a time, in epoch milliseconds: a date (its first moment) or a date with a time, both in UTC unless a zone is
 * named, or a duration before `now`. Throws commander's InvalidArgumentError.
 */
export function parseMoment(text: string, now = Date.now()): number {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(trimmed)) return now - parseDuration(trimmed);
  const moment = DATE.test(trimmed) ? dateOf(trimmed) : timeOf(trimmed);
  if (moment === undefined || Number.isNaN(moment)) throw new InvalidArgumentError(ADVICE);
  return moment;
}

function timeOf(text: string): number | undefined {
  const [, date = '', hours, minutes, seconds = '00', fraction = '', zone = 'Z'] = TIME.exec(text) ?? [];
  if (dateOf(date) === undefined || Number(seconds) > 59) return undefined;
  const offset = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return Date.parse(`${date}T${hours}:${minutes}:${seconds}${fraction.slice(0, 4)}${offset}`);
}

/** Undefined for a day that does not exist. */
function dateOf(text: string): number | undefined {
  const [, year, month, day] = DATE.exec(text) ?? [];
  const moment = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return !Number.isNaN(moment) && new Date(moment).toISOString().startsWith(text) ? moment : undefined;
}
