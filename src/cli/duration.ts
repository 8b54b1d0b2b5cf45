import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A century: a longer one is a typing error, and sums with the clock stay exact. */
const MAX_DURATION = 36_525 * 86_400_000;

/** `250ms`, `10s`, `5m`, `2h`, `1d`, or a bare number of seconds, as milliseconds. Throws commander's InvalidArgumentError. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const milliseconds = Math.round(Number(match?.[1]) * (UNITS[match?.[2] ?? 's'] ?? Number.NaN));
  if (!(milliseconds >= 0 && milliseconds <= MAX_DURATION)) {
    throw new InvalidArgumentError('Give a duration like 250ms, 10s, 5m, 2h or 1d; a bare number is seconds.');
  }
  return milliseconds;
}

/** As parseDuration, but rejects zero. */
export function parsePositiveDuration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === 0) throw new InvalidArgumentError('Give a duration longer than zero, like 250ms or 10s.');
  return milliseconds;
}
