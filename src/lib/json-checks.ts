/** A test of a value that was parsed from JSON. */
export type Check = (value: unknown) => boolean;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a whole number that is not negative. */
export function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** True for a moment as ISO 8601 in UTC: no date that is none goes further than this. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^[-+\dT:.Z]+$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** True for what is absent or passes the check. */
export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}
