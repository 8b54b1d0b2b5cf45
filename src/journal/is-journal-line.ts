import type { JournalLine } from '../ports/index.js';

type Fields = { readonly [name: string]: unknown };
type Check = (value: unknown) => boolean;

/** What each member of a line must be; members that a newer version adds are let through. */
const MEMBERS = {
  item: {
    file: isText,
    sha256: isText,
    size: isLength,
    offset: optional(isLength),
    line: optional(isLength),
    eventID: isText,
    ShardId: isText,
    SequenceNumber: isText,
    Keys: (value) => isFields(value) && Object.values(value).every(isFields),
    ttl: optional(Number.isFinite),
    deletedAt: isTime,
    provenance: isText,
  },
  checkpoint: {
    stream: isText,
    ShardId: isText,
    position: isPosition,
    caughtUpAt: optional(isTime),
    childless: optional((value) => value === true),
    at: isTime,
    awsTime: optional((value) => value === true),
    segments: optional((value) => Array.isArray(value) && value.every(isSegmentLength)),
  },
  gap: {
    stream: isText,
    ShardId: isText,
    from: optional(isTime),
    to: isTime,
    reason: isText,
    records: optional(isLength),
    cause: optional(isText),
    scope: optional(isText),
    at: isTime,
  },
  heartbeat: {
    stream: isText,
    at: isTime,
    behind: (value) => Array.isArray(value) && value.every(isText),
    getRecordsCalls: isLength,
    awsTime: optional((value) => value === true),
  },
} satisfies { readonly [type: string]: { readonly [member: string]: Check } };

const CHECKS = new Map(Object.entries(MEMBERS).map(([type, members]) => [type, Object.entries<Check>(members)]));

/**
 * True when a parsed line has the shape that its type promises: the hashes tell damage, this tells a foreign version,
 * and a forged line, whose hashes are right.
 */
export function isJournalLine(value: unknown): value is JournalLine {
  if (!isFields(value) || typeof value['type'] !== 'string') return false;
  const checks = CHECKS.get(value['type']);
  return checks !== undefined && checks.every(([member, check]) => check(value[member]));
}

/** True for an object that is not an array. */
export function isFields(value: unknown): value is Fields {
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

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isPosition(value: unknown): boolean {
  return typeof value === 'string' && /^(?:\d{1,40}|TRIM_HORIZON|LATEST|SHARD_END)$/.test(value);
}

function isSegmentLength(value: unknown): boolean {
  return (
    isFields(value) &&
    isText(value['file']) &&
    isLength(value['length']) &&
    (value['closed'] === undefined || value['closed'] === true)
  );
}
