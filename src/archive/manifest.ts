import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TtlArchiveError } from '../errors.js';
import { isLength, isObject, isText } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry } from '../ports/index.js';
import { isArchivePath } from './entry-path.js';
import { gzipMember, isZlibError } from './gzip-member.js';
import { ITEM_MEMBERS } from './item-members.js';
import { manifestOf } from './layout.js';
import { MAX_ITEM } from './limits.js';

const VERSION = 1;
const CHECKS = Object.entries(ITEM_MEMBERS);

/** The first line of a manifest. */
export interface ManifestHeader extends NewHeader {
  /** How many item lines follow. */
  readonly items: number;
}

interface NewHeader {
  readonly table: string;
  /** The key of the data object. */
  readonly file: string;
  /** The keys of the data objects that this one replaces: its lines are all of theirs. */
  readonly merged?: readonly string[];
}

/** The manifest of a data object: a header, then an item line for each line of the data, gzipped. */
export function encodeManifest(header: NewHeader, entries: readonly ItemEntry[]): Promise<Buffer> {
  const lines = entries.map(manifestLine);
  return gzipMember(manifestHeader({ ...header, items: entries.length }) + lines.join(''));
}

/** The first line of a manifest. */
export function manifestHeader({ table, file, items, ...more }: ManifestHeader): string {
  return `${JSON.stringify({ type: 'manifest', version: VERSION, table, file, items, ...more })}\n`;
}

/** The item line of a manifest. */
export function manifestLine(entry: ItemEntry): string {
  const { file: _, ShardId, ...facts } = entry;
  // An event of AWS Lambda does not say which shard its records are from.
  return `${JSON.stringify({ type: 'item', ...facts, ...(ShardId === '' ? {} : { ShardId }) })}\n`;
}

/**
 * The entries of a manifest, one by one; `ShardId` is empty where it is not known. Throws JOURNAL when it is damaged, or
 * written by a newer version; what came before that was read all the same.
 */
export async function* manifestEntries(content: Buffer, key: string): AsyncGenerator<ItemEntry> {
  let header: ManifestHeader | undefined;
  let items = 0;
  for await (const line of inflatedLines(content, key)) {
    const parsed = parseJson(line);
    if ('problem' in parsed) throw damaged(key, `has a line of which ${parsed.problem}`);
    if (header === undefined) {
      header = headerOf(parsed.value, key);
      continue;
    }
    if (!isItemLine(parsed.value)) throw damaged(key, 'has a line that is no item line');
    const { type: _, ...entry } = parsed.value;
    items++;
    yield { ...entry, file: header.file, ShardId: entry.ShardId ?? '' };
  }
  if (header === undefined || items !== header.items) throw damaged(key, 'does not end where it should');
}

/** The header of a manifest. Throws as `manifestEntries` does. */
export async function readHeader(content: Buffer, key: string): Promise<ManifestHeader> {
  for await (const line of inflatedLines(content, key)) {
    const parsed = parseJson(line);
    if ('problem' in parsed) throw damaged(key, `has a line of which ${parsed.problem}`);
    return headerOf(parsed.value, key);
  }
  throw damaged(key, 'does not end where it should');
}

type ItemLine = Omit<ItemEntry, 'file' | 'ShardId'> & { readonly type: 'item'; readonly ShardId?: string };

function isItemLine(value: unknown): value is ItemLine {
  return isObject(value) && value['type'] === 'item' && CHECKS.every(([member, check]) => check(value[member]));
}

function headerOf(value: unknown, key: string): ManifestHeader {
  if (!isObject(value) || value['type'] !== 'manifest') throw damaged(key, 'does not begin with a header');
  const { version, table, file, items, merged } = value;
  if (version !== VERSION) {
    throw new TtlArchiveError(
      'JOURNAL',
      `The manifest ${key} has version ${JSON.stringify(version)}, not ${VERSION}.`,
      {
        remedy: 'Use the version of ttl-archive that wrote it, or a newer one.',
      },
    );
  }
  if (!isText(table) || !isLength(items) || !isText(file) || !isArchivePath(file) || manifestOf(file) !== key) {
    throw damaged(key, 'has a header that is not its own');
  }
  return { table, file, items, ...(Array.isArray(merged) && { merged: merged.filter(isText).filter(isArchivePath) }) };
}

async function* inflatedLines(content: Buffer, key: string): AsyncGenerator<string> {
  let rest = '';
  // Characters that lie across two chunks are the decoder's business.
  const inflated = Readable.from([content]).pipe(createGunzip()).setEncoding('utf8');
  try {
    for await (const chunk of inflated as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_ITEM) throw damaged(key, 'has a line that is too long');
      yield* lines;
    }
  } catch (error) {
    throw isZlibError(error) ? damaged(key, 'is damaged', error) : error;
  }
  if (rest !== '') throw damaged(key, 'does not end with a line feed');
}

function damaged(key: string, what: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The manifest ${key} ${what}.`, {
    remedy: 'Get an earlier version of this object from the bucket, or from a backup.',
    cause,
  });
}
