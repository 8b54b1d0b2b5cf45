import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { archiveFile, temporaryFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { Disk, Format, KeyAttribute, Layout } from '../ports/index.js';
import { listJournalFiles } from './journal-files.js';
import { MAX_SMALL_FILE } from './limits.js';

/** The content of archive.json. */
export interface ArchiveFacts {
  readonly table: string;
  readonly layout: Layout;
  readonly format: Format;
  /** Layout `segments` only: whether they are gzipped. */
  readonly compress?: boolean;
  /** Absent when the table has no TTL attribute (`--deletions all`). */
  readonly ttlAttribute?: string;
  /** The table's key attributes, hash key first; absent in archives of older versions. */
  readonly keySchema?: readonly KeyAttribute[];
  /** The journal holds how far a program has read that gets the items itself: none of them are kept here. */
  readonly positionsOnly?: true;
}

const FIXED = [
  ['table', 'belongs to table'],
  ['layout', 'has the layout'],
  ['format', 'has the format'],
  ['compress', 'has the compression'],
] as const;

/**
 * Creates `<directory>/archive.json`, or compares it with what is wanted, and returns what is true from now on. An archive
 * has one table, layout and format, because find, verify and restore read one kind: a difference throws TABLE (exit 3).
 * The TTL attribute follows the table. Throws JOURNAL when the file is damaged, missing beside a journal, or of another
 * version. The caller holds the lock.
 */
export async function openArchiveFile(
  { disk }: { disk: Disk },
  directory: string,
  wanted: ArchiveFacts,
): Promise<ArchiveFacts> {
  await disk.makeDirectory(temporaryFolder(directory));
  const found = await readArchiveFile({ disk }, directory);
  if (found !== undefined) checkSame(directory, found, wanted);
  const facts = { ...found, ...wanted };
  const text = encode(facts);
  if (found !== undefined && encode(found) === text) return facts;
  await disk.replace(archiveFile(directory), `${temporaryFolder(directory)}/archive-${randomUUID()}.json`, text);
  await disk.syncDirectory(directory);
  return facts;
}

/** The content of `<directory>/archive.json`; undefined when there is no archive. Throws JOURNAL as openArchiveFile does. */
export async function readArchiveFile({ disk }: { disk: Disk }, directory: string): Promise<ArchiveFacts | undefined> {
  const text = (await disk.read(archiveFile(directory), MAX_SMALL_FILE))?.toString();
  if (text === undefined) {
    if ((await listJournalFiles(disk, directory)).length === 0) return undefined;
    throw unusable(
      `The file ${pathIn(directory)} is missing, though there is a journal beside it.`,
      'Restore it from a backup, or use another folder with --out.',
    );
  }
  const parsed = parseJson(text);
  const value = 'value' in parsed ? parsed.value : undefined;
  if (isObject(value) && typeof value['version'] === 'number' && value['version'] !== 1) {
    const message = `The archive of ${pathIn(directory)} has the format version ${value['version']}.`;
    throw unusable(message, 'Use the version of ttl-archive that wrote it, or a newer one.');
  }
  if (!isFacts(value)) {
    const remedy = 'Restore it from a backup, or use another folder with --out.';
    throw unusable(`The file ${pathIn(directory)} is damaged.`, remedy);
  }
  const { version: _, ...facts } = value;
  return facts;
}

function unusable(message: string, remedy: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', message, { remedy });
}

function checkSame(directory: string, found: ArchiveFacts, wanted: ArchiveFacts): void {
  if (found.positionsOnly !== wanted.positionsOnly) {
    const [is, want] = [found, wanted].map((facts) =>
      facts.positionsOnly === true ? 'the positions of a program that gets the items itself' : 'an archive',
    );
    throw new TtlArchiveError('TABLE', `The folder ${escapeText(dirname(directory))} holds ${is}, not ${want}.`, {
      remedy: 'Choose another folder: each of the two reads the whole stream.',
    });
  }
  for (const [name, label] of FIXED) {
    if (found[name] === wanted[name]) continue;
    const [is, want] = [found[name], wanted[name]].map(inWords);
    throw new TtlArchiveError('TABLE', `Archive ${escapeText(dirname(directory))} ${label} ${is}, not ${want}.`, {
      remedy: 'Choose another folder with --out, or use the table and the settings of this archive.',
    });
  }
}

/** The value as an option of `watch`. */
function inWords(value: string | boolean | undefined): string {
  if (typeof value === 'string') return escapeText(value);
  return value === true ? 'gzip' : 'none';
}

function encode({ table, layout, format, compress, ttlAttribute, keySchema, positionsOnly }: ArchiveFacts): string {
  const members = { version: 1, table, layout, format, compress, ttlAttribute, keySchema, positionsOnly };
  return `${JSON.stringify(members, null, 2)}\n`;
}

function isFacts(value: unknown): value is ArchiveFacts & { readonly version: 1 } {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    typeof value['table'] === 'string' &&
    (value['layout'] === 'files' || value['layout'] === 'segments') &&
    (value['format'] === 'item' || value['format'] === 'record' || value['format'] === 'plain') &&
    (value['compress'] === undefined || typeof value['compress'] === 'boolean') &&
    (value['ttlAttribute'] === undefined || typeof value['ttlAttribute'] === 'string') &&
    (value['keySchema'] === undefined || isKeySchema(value['keySchema'])) &&
    (value['positionsOnly'] === undefined || value['positionsOnly'] === true)
  );
}

/** True for the key attributes of a table, hash key first. */
export function isKeySchema(value: unknown): boolean {
  const keyTypes = ['HASH', 'RANGE'];
  return (
    Array.isArray(value) &&
    (value.length === 1 || value.length === 2) &&
    value.every(
      (key, index) =>
        isObject(key) &&
        typeof key['name'] === 'string' &&
        key['keyType'] === keyTypes[index] &&
        (key['type'] === 'S' || key['type'] === 'N' || key['type'] === 'B'),
    )
  );
}

function pathIn(directory: string): string {
  return escapeText(archiveFile(directory));
}
