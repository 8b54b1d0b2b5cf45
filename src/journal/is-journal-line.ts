import type { JournalLine } from '../ports.js';

type Fields = { readonly [name: string]: unknown };

/** The strings that each type of line must have; the rest is optional or checked beside. */
const STRINGS: { readonly [type: string]: readonly string[] } = {
  item: ['file', 'sha256', 'eventID', 'ShardId', 'SequenceNumber', 'deletedAt', 'provenance'],
  checkpoint: ['stream', 'ShardId', 'position', 'at'],
  gap: ['stream', 'ShardId', 'to', 'reason', 'at'],
  heartbeat: ['stream', 'at'],
};

/** True when a parsed line has the shape that its type promises: the hashes tell damage, this tells a foreign version. */
export function isJournalLine(value: unknown): value is JournalLine {
  if (!isFields(value) || typeof value['type'] !== 'string') return false;
  const strings = Object.hasOwn(STRINGS, value['type']) ? STRINGS[value['type']] : undefined;
  if (strings === undefined || !strings.every((name) => typeof value[name] === 'string')) return false;
  if (value['type'] === 'item') return isLength(value['size']) && isFields(value['Keys']);
  if (value['type'] === 'checkpoint') return value['segments'] === undefined || isSegments(value['segments']);
  if (value['type'] === 'gap') return isOptionalText(value['cause']) && isOptionalText(value['scope']);
  if (value['type'] === 'heartbeat') return Array.isArray(value['behind']) && isLength(value['getRecordsCalls']);
  return true;
}

/** True for an object that is not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a whole number that is not negative. */
export function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isSegments(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((segment) => isFields(segment) && typeof segment['file'] === 'string' && isLength(segment['length']))
  );
}
