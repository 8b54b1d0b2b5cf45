import { ITEM_MEMBERS } from '../archive/item-members.js';
import { isJournalFile } from '../archive/layout.js';
import { type Check, isLength, isObject, isText, isTime, optional } from '../lib/json-checks.js';
import type { JournalLine } from '../ports/index.js';

const isFlag = optional((value) => value === true);

/** A check for each member of a line. Other members, which a newer version may add, are accepted. */
const MEMBERS = {
  item: { file: isText, ShardId: isText, ...ITEM_MEMBERS },
  checkpoint: {
    stream: isText,
    ShardId: isText,
    position: isPosition,
    caughtUpAt: optional(isTime),
    childless: isFlag,
    at: isTime,
    awsTime: isFlag,
    segments: optional((value) => Array.isArray(value) && value.every(isSegmentLength)),
    uploaded: optional((value) => Array.isArray(value) && value.every(isUploadedSegment)),
    uploadedUpTo: optional(isJournalPlace),
    pruned: optional(isPruned),
    prunedRemoved: isFlag,
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
    dropped: optional((value) => Array.isArray(value) && value.every(isText)),
    awsTime: isFlag,
  },
} satisfies { readonly [type: string]: { readonly [member: string]: Check } };

const CHECKS = new Map(Object.entries(MEMBERS).map(([type, members]) => [type, Object.entries<Check>(members)]));

/**
 * True when a parsed line is valid for its type. The hashes show damage; this shows a line of another version, and a forged
 * line, whose hashes are right.
 */
export function isJournalLine(value: unknown): value is JournalLine {
  return isObject(value) && typeof value['type'] === 'string' && hasMembersOf(value['type'], value);
}

/** True for the members of a line of this type, without the type, as in snapshots. */
export function hasMembersOf(type: string, value: unknown): boolean {
  const checks = CHECKS.get(type);
  return isObject(value) && checks !== undefined && checks.every(([member, check]) => check(value[member]));
}

function isPosition(value: unknown): boolean {
  return typeof value === 'string' && /^(?:\d{1,40}|TRIM_HORIZON|LATEST|SHARD_END)$/.test(value);
}

function isSegmentLength(value: unknown): boolean {
  return isObject(value) && isText(value['file']) && isLength(value['length']) && isFlag(value['closed']);
}

function isUploadedSegment(value: unknown): boolean {
  return isObject(value) && [value['file'], value['to'], value['key']].every(isText) && isLength(value['size']);
}

/** True for what a line or a snapshot says about pruned items. */
export function isPruned(value: unknown): boolean {
  return isObject(value) && isTime(value['before']) && [value['items'], value['bytes']].every(isLength);
}

/** True for a place in the journal. Its file must be one of the journal's, because it becomes a path. */
export function isJournalPlace(value: unknown): boolean {
  return isObject(value) && isJournalFile(value['file']) && isLength(value['offset']);
}
