import type { HourRange } from '../archive/list-hours.js';
import type { ItemEntry } from '../ports/index.js';

/** A stretch of time; both ends belong to it. Epoch milliseconds. */
export interface Window {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** `expired`: by the value of the TTL attribute. Default: by the time of the deletion. */
  readonly by?: 'deleted' | 'expired' | undefined;
}

/** True when the item was deleted, or expired, in the window; an item without a TTL value never did. */
export function isWithin(
  { since, until, by }: Window,
  { deletedAt, ttl }: Pick<ItemEntry, 'deletedAt' | 'ttl'>,
): boolean {
  if (since === undefined && until === undefined) return true;
  const time = by === 'expired' ? (ttl ?? Number.NaN) * 1000 : Date.parse(deletedAt);
  return time >= (since ?? Number.NEGATIVE_INFINITY) && time <= (until ?? Number.POSITIVE_INFINITY);
}

/** The hours of deletion in which the window's items are. An item may be deleted long after it expired, or before. */
export function hoursOf({ since, until, by }: Window): HourRange {
  if (by === 'expired') return {};
  return { since: isoOf(since), until: isoOf(until) };
}

/** Bytes that the line of each of the window's items contains, and those of as few others as possible. */
export function windowNeedle({ since, until, by }: Window): Buffer {
  const [from, to] = by === 'expired' ? [secondsOf(since), secondsOf(until)] : [isoOf(since), isoOf(until)];
  const name = by === 'expired' ? '"ttl":' : '"deletedAt":"';
  return Buffer.from(name + (from?.length === to?.length ? commonStart(from ?? '', to ?? '') : ''));
}

function isoOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function secondsOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : String(Math.floor(time / 1000));
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
