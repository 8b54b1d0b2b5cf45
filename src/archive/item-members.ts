import { type Check, isLength, isObject, isText, isTime, optional } from '../lib/json-checks.js';

/** What the members of an entry must be that a journal's item line and a manifest's item line share. */
export const ITEM_MEMBERS = {
  sha256: isText,
  size: isLength,
  offset: optional(isLength),
  line: optional(isLength),
  eventID: isText,
  SequenceNumber: isText,
  Keys: (value) => isObject(value) && Object.values(value).every(isObject),
  ttl: optional(Number.isFinite),
  deletedAt: isTime,
  provenance: isText,
} satisfies { readonly [member: string]: Check };
