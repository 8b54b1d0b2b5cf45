import { hash } from 'node:crypto';
import { isLength } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import { rememberLast } from '../lib/remember-last.js';
import type { ItemEntry, JournalLine } from '../ports/index.js';
import { isJournalLine } from './is-journal-line.js';

/**
 * A line is the JSON of a JournalLine, `type` first, with up to three members added at its end:
 * - `prev`, on every line: the hash of the previous line (32 zeros on the first line of an archive), so that no line can
 *   be changed or removed unnoticed;
 * - `check`, on closing lines, before `prev`: a hash of this line itself, because no line after the last one covers it;
 * - `append`, on closing lines, before `check`: the byte at which the write of this line began. Damage before that byte is
 *   in confirmed data. Absent in lines of older versions.
 */
export const FIRST_PREV = '0'.repeat(32);

const PREV = /^,"prev":"([0-9a-f]{32})"\}$/;
const PREV_LENGTH = ',"prev":""}'.length + 32;
const CHECK = /^,"check":"([0-9a-f]{16})"$/;
const CHECK_LENGTH = ',"check":""'.length + 16;

/** The first 32 hex digits of the SHA-256 of a line without its line feed, or of a snapshot. */
export function hashOf(line: Uint8Array | string): string {
  return hash('sha256', line).slice(0, 32);
}

/** The line's text without line feed; `append` is the byte at which its write begins. */
export function encodeLine(line: JournalLine, prev: string, append?: number): string {
  if (line.type === 'item') return encodeItem(line, prev);
  const json = JSON.stringify(line);
  // The type always comes first, so that a reader knows it without parsing.
  const ordered = json.startsWith('{"type":') ? json : JSON.stringify(Object.assign({ type: line.type }, line));
  const body = ordered.slice(0, -1) + (append === undefined ? '' : `,"append":${append}`);
  return `${body},"check":"${checkOf(body, prev)}","prev":"${prev}"}`;
}

/**
 * An item line. There is one for each archived item, and JSON.stringify of the whole line takes half as
 * long again. Values of our own need no escaping.
 */
function encodeItem(entry: ItemEntry, prev: string): string {
  const { file, sha256, size, line, offset, eventID, ShardId, SequenceNumber, Keys, deletedAt, provenance, ttl } =
    entry;
  const within = line === undefined ? '' : `,"line":${line}`;
  const place = offset === undefined ? within : `${within},"offset":${offset}`;
  const expiry = ttl === undefined ? '' : `,"ttl":${ttl}`;
  // One template: V8 allocates for each of its parts, and again for a template in a template.
  return `${fileMember(file)}${sha256}","size":${size}${place},"eventID":${quoted(eventID)}${shardMember(ShardId)}${quoted(SequenceNumber)},"Keys":${quoted(Keys)},"deletedAt":"${deletedAt}","provenance":"${provenance}"${expiry},"prev":"${prev}"}`;
}

const quoted = JSON.stringify;

// Mostly those of the line before.
const fileMember = rememberLast((file: string) => `{"type":"item","file":${quoted(file)},"sha256":"`);
const shardMember = rememberLast((ShardId: string) => `,"ShardId":${quoted(ShardId)},"SequenceNumber":`);

export type DecodedLine =
  | { readonly line: JournalLine; readonly prev: string; readonly append?: number }
  /** `foreign`: undamaged, but written by another version or forged. Otherwise it is damaged. */
  | { readonly problem: string; readonly foreign?: true };

/** Parses a line, or returns what is wrong with it. The caller compares `prev` with the previous line. */
export function decodeLine(bytes: Buffer): DecodedLine {
  const text = bytes.toString('utf8');
  const prev = PREV.exec(text.slice(-PREV_LENGTH))?.[1];
  if (prev === undefined) return { problem: 'does not end as a journal line ends' };
  let body = text.slice(0, -PREV_LENGTH);
  const isItem = body.startsWith('{"type":"item",');
  if (!isItem) {
    const check = CHECK.exec(body.slice(-CHECK_LENGTH))?.[1];
    body = body.slice(0, -CHECK_LENGTH);
    if (check !== checkOf(body, prev)) return { problem: 'does not match its own check' };
  }
  const parsed = parseJson(`${body}}`);
  if ('problem' in parsed) return { problem: `cannot be read: ${parsed.problem}`, ...(!isItem && { foreign: true }) };
  const { value } = parsed;
  if (!isJournalLine(value)) return { problem: 'is not a journal line that this version knows', foreign: true };
  if (isItem || !('append' in value)) return { line: value, prev };
  const { append, ...line } = value;
  if (!isLength(append)) return { problem: 'is not a journal line that this version knows', foreign: true };
  return { line, prev, append };
}

function checkOf(body: string, prev: string): string {
  return hash('sha256', body + prev).slice(0, 16);
}
