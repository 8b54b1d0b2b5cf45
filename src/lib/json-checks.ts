/** Whether a value that was parsed from JSON is valid. */
export type Check = (value: unknown) => boolean;

/** True for a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** True for a safe integer that is not negative. */
export function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** True for a valid ISO 8601 time in UTC. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^[-+\dT:.Z]+$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** A check that undefined passes, too. */
export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}
