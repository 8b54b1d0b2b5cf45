import { hash } from 'node:crypto';
import { isLength } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry, JournalLine } from '../ports/index.js';
import { isJournalLine } from './is-journal-line.js';

/**
 * A line is the JSON of a JournalLine, `type` first, with up to three members added at its end:
 * - `prev`, on every line: the hash of the whole line before (32 zeros on the first line of an archive), so that no
 *   line can be changed or taken out unnoticed;
 * - `check`, on closing lines, before `prev`: a hash of this line itself, because the last line of all has none after
 *   it that would vouch for it;
 * - `append`, on closing lines, before `check`: the byte at which the write began that this line was a part of. What is
 *   damaged before that byte was confirmed; lines of older versions do not have it.
 */
export const FIRST_PREV = '0'.repeat(32);

const PREV = /^,"prev":"([0-9a-f]{32})"\}$/;
const PREV_LENGTH = ',"prev":""}'.length + 32;
const CHECK = /^,"check":"([0-9a-f]{16})"$/;
const CHECK_LENGTH = ',"check":""'.length + 16;

/** The first 32 hex digits of the SHA-256 of a line without its line feed. */
export function hashOf(line: Uint8Array | string): string {
  return hash('sha256', line).slice(0, 32);
}

/** The line's text without line feed; `append` is where the write begins that it is a part of. */
export function encodeLine(line: JournalLine, prev: string, append?: number): string {
  if (line.type === 'item') return `${itemBody(line)},"prev":"${prev}"}`;
  const json = JSON.stringify(line);
  // The type comes first in every line that is written here, so that a reader can tell it without parsing.
  const ordered = json.startsWith('{"type":') ? json : JSON.stringify(Object.assign({ type: line.type }, line));
  const body = ordered.slice(0, -1) + (append === undefined ? '' : `,"append":${append}`);
  return `${body},"check":"${checkOf(body, prev)}","prev":"${prev}"}`;
}

/**
 * An item line without its end. There is one for each archived item, and JSON.stringify of the whole takes half as long
 * again as putting it together. What is ours and holds nothing to escape goes in as it is.
 */
function itemBody(entry: ItemEntry): string {
  const { file, sha256, size, line, offset, eventID, ShardId, SequenceNumber, Keys, deletedAt, provenance, ttl } =
    entry;
  const place = (line === undefined ? '' : `,"line":${line}`) + (offset === undefined ? '' : `,"offset":${offset}`);
  const record = `"eventID":${quoted(eventID)},"ShardId":${quoted(ShardId)},"SequenceNumber":${quoted(SequenceNumber)}`;
  const facts = `"Keys":${quoted(Keys)},"deletedAt":"${deletedAt}","provenance":"${provenance}"`;
  const expiry = ttl === undefined ? '' : `,"ttl":${ttl}`;
  return `{"type":"item","file":${quoted(file)},"sha256":"${sha256}","size":${size}${place},${record},${facts}${expiry}`;
}

const quoted = JSON.stringify;

export type DecodedLine =
  | { readonly line: JournalLine; readonly prev: string; readonly append?: number }
  /** `foreign`: as it was written, by another version or by somebody else. Otherwise it is damaged. */
  | { readonly problem: string; readonly foreign?: true };

/** Reads a line back, or says what is wrong with it. Whether `prev` is right is for the caller, who has the line before. */
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
