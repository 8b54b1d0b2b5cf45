import { createGunzip } from 'node:zlib';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { isLength, isObject, isText } from '../lib/json-checks.js';
import { eachLine, LINE_FEED, linesWith } from '../lib/lines.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry } from '../ports/index.js';
import { isArchivePath } from './entry-path.js';
import { isZlibError } from './gzip-member.js';
import { ITEM_MEMBERS } from './item-members.js';
import { manifestOf, partitionOf } from './layout.js';
import { MAX_ITEM } from './limits.js';
import { MANIFEST_VERSION, type ManifestHeader } from './manifest.js';

/** Bytes that are inflated at a time. */
const PIECE = 128 * 1024;
const CHECKS = Object.entries(ITEM_MEMBERS);

/**
 * The entries of a manifest, one by one; `ShardId` is empty where it is not known. Throws JOURNAL when it is damaged, or
 * written by a newer version; what came before that was read all the same.
 */
export async function* manifestEntries(content: Buffer, key: string): AsyncGenerator<ItemEntry> {
  for await (const entries of manifestBatches(content, { key })) yield* entries;
}

/**
 * The entries of a manifest, as `manifestEntries` gives them, some hundred at a time: a million take seconds less. With
 * `needles`, only those whose lines contain one of them: no other line is parsed, nor is it checked how many there are.
 */
export function manifestBatches(content: Buffer, options: BatchOptions): AsyncGenerator<ItemEntry[], void, undefined> {
  return parsedBatches(content, { ...options, parser: entryParser });
}

interface BatchOptions {
  readonly key: string;
  readonly needles?: readonly Buffer[] | undefined;
}

/** As `manifestBatches`, with what `parser` makes of the item lines. */
export async function* parsedBatches<T>(
  content: Buffer,
  { key, needles, parser }: BatchOptions & { readonly parser: LineParser<T> },
): AsyncGenerator<T[], void, undefined> {
  let header: ManifestHeader | undefined;
  let items = 0;
  for await (const lines of inflatedLines(content, key)) {
    const first = header === undefined ? lines.indexOf(LINE_FEED) + 1 : 0;
    header ??= parseHeader(lines.subarray(0, first), key);
    const parse = parser(key, header.file);
    const wanted = needles === undefined ? eachLine(lines.subarray(first)) : linesWith(needles, lines.subarray(first));
    const batch: T[] = [];
    try {
      for (const line of wanted) batch.push(parse(line));
    } finally {
      items += batch.length;
      if (batch.length > 0) yield batch;
    }
  }
  if (header === undefined || (needles === undefined && items !== header.items)) {
    throw damaged(key, 'does not end where it should');
  }
}

/** Makes the parser of the item lines of the manifest `key` of the data object `file`. */
export type LineParser<T> = (key: string, file: string) => (line: Buffer) => T;

/** The first line of a manifest, without its line feed. Throws JOURNAL as `manifestEntries` does. */
export function parseHeader(line: Buffer, key: string): ManifestHeader {
  return headerOf(parseLine(line, key), key);
}

/** Parses the further lines of the manifest `key` of the data object `file`. Throws JOURNAL as `manifestEntries` does. */
export function entryParser(key: string, file: string): (line: Buffer) => ItemEntry {
  // Most items of a batch were deleted in the same second.
  let checked = '';
  return (line) => {
    const parsed = parseLine(line, key);
    if (!isItemLine(parsed)) throw damaged(key, 'has a line that is no item line');
    const { type: _, ...entry } = parsed;
    // Each hour is read, and its repeated items are dropped, for itself.
    if (entry.deletedAt !== checked && !file.startsWith(`${partitionOf(entry.deletedAt)}/`)) {
      throw damaged(key, 'has an item of another hour');
    }
    checked = entry.deletedAt;
    return { ...entry, file, ShardId: entry.ShardId ?? '' };
  };
}

/** The lines of a manifest, many in one piece, with their line feeds. Throws JOURNAL when it is damaged. */
async function* inflatedLines(content: Buffer, key: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const inflated = createGunzip({ chunkSize: PIECE });
  inflated.end(content);
  try {
    for await (const chunk of inflated as AsyncIterable<Buffer>) {
      const [first, last] = [chunk.indexOf(LINE_FEED) + 1, chunk.lastIndexOf(LINE_FEED) + 1];
      // Only the line that lies across two chunks is copied.
      const across = rest.length === 0 ? 0 : first;
      if (across > 0) yield Buffer.concat([rest, chunk.subarray(0, across)]);
      if (last > across) yield chunk.subarray(across, last);
      rest = last > 0 ? chunk.subarray(last) : Buffer.concat([rest, chunk]);
      if (rest.length > MAX_ITEM) throw damaged(key, 'has a line that is too long');
    }
  } catch (error) {
    throw isZlibError(error) ? damaged(key, 'is damaged', error) : error;
  }
  if (rest.length > 0) throw damaged(key, 'does not end with a line feed');
}

/** True for the error of a damaged manifest, and false for that of a manifest that a newer version has written. */
export function isDamage(error: unknown): error is TtlArchiveError {
  return error instanceof TtlArchiveError && damages.has(error);
}

const damages = new WeakSet<TtlArchiveError>();

function parseLine(line: Buffer, key: string): unknown {
  const parsed = parseJson(line.toString('utf8'));
  if ('problem' in parsed) throw damaged(key, `has a line of which ${parsed.problem}`);
  return parsed.value;
}

/** The header of a manifest. Throws as `manifestEntries` does. */
export async function readHeader(content: Buffer, key: string): Promise<ManifestHeader> {
  for await (const lines of inflatedLines(content, key)) {
    return parseHeader(lines.subarray(0, lines.indexOf(LINE_FEED)), key);
  }
  throw damaged(key, 'does not end where it should');
}

type ItemLine = Omit<ItemEntry, 'file' | 'ShardId'> & { readonly type: 'item'; readonly ShardId?: string };

function isItemLine(value: unknown): value is ItemLine {
  return isObject(value) && value['type'] === 'item' && CHECKS.every(([member, check]) => check(value[member]));
}

function headerOf(value: unknown, key: string): ManifestHeader {
  if (!isObject(value) || value['type'] !== 'manifest') throw damaged(key, 'does not begin with a header');
  const { version, table, file, items, merged, failed } = value;
  if (version !== MANIFEST_VERSION) {
    throw new TtlArchiveError(
      'JOURNAL',
      `The manifest ${escapeText(key)} has version ${JSON.stringify(version)}, not ${MANIFEST_VERSION}.`,
      {
        remedy: 'Use the version of ttl-archive that wrote it, or a newer one.',
      },
    );
  }
  if (!isText(table) || !isLength(items) || !isText(file) || !isArchivePath(file) || manifestOf(file) !== key) {
    throw damaged(key, 'has a header that is not its own');
  }
  return {
    table,
    file,
    items,
    ...(Array.isArray(merged) && { merged: merged.filter(isText).filter(isArchivePath) }),
    ...(isText(failed) && { failed }),
  };
}

function damaged(key: string, what: string, cause?: unknown): TtlArchiveError {
  const error = new TtlArchiveError('JOURNAL', `The manifest ${escapeText(key)} ${what}.`, {
    remedy: 'Get an earlier version of this object from the bucket, or from a backup.',
    cause,
  });
  damages.add(error);
  return error;
}
