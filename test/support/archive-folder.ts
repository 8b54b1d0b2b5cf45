import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll } from 'vitest';
import { nodeDisk } from '../../src/disk/node-disk.js';
import { readJournal } from '../../src/journal/read-journal.js';
import type { Gap, ItemEntry, JournalLine } from '../../src/ports/index.js';

/** Gives new, empty folders that are removed after the tests of the file. */
export function temporaryFolders(): () => Promise<string> {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ttl-archive-test-'));
    made.push(folder);
    return folder;
  };
}

export interface ArchiveContent {
  /** What the journal lists, in its order. */
  readonly items: readonly ItemEntry[];
  readonly gaps: readonly Gap[];
  readonly lines: readonly JournalLine[];
  /** The text of every file outside `.ttl-archive`, by its path in the archive. */
  readonly files: ReadonlyMap<string, string>;
}

/** The files that a user sees, with their text, by their path in the archive. */
export async function visibleFiles(out: string): Promise<Map<string, string>> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(out, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(`.ttl-archive${sep}`));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(out, path), 'utf8')] as const)),
  );
}

/**
 * Reads an archive of `files` back and checks it without the code that wrote it: the journal is whole, lists no record
 * and no file twice, each listed file has the listed content, and there is no other file. Throws when it is not so.
 */
export async function readSoundArchive(out: string): Promise<ArchiveContent> {
  const lines = await readJournalLines(out);
  const items = lines.filter((line) => line.type === 'item');
  const files = await visibleFiles(out);
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { eventID, file, sha256, size } of items) {
    if (seen.has(eventID) || seen.has(file)) problems.push(`listed twice: ${file}`);
    seen.add(eventID).add(file);
    const text = files.get(file);
    if (text === undefined) problems.push(`missing: ${file}`);
    else if (Buffer.byteLength(text) !== size || createHash('sha256').update(text).digest('hex') !== sha256) {
      problems.push(`altered: ${file}`);
    }
  }
  problems.push(...[...files.keys()].filter((file) => !seen.has(file)).map((file) => `not listed: ${file}`));
  if (problems.length > 0) throw new Error(`The archive is not sound: ${problems.slice(0, 5).join('; ')}`);
  return { items, gaps: lines.filter((line) => line.type === 'gap'), lines, files };
}

/** The committed lines of an archive's journal. Throws when it is damaged. */
export async function readJournalLines(out: string): Promise<JournalLine[]> {
  const lines: JournalLine[] = [];
  for await (const record of readJournal({ disk: nodeDisk }, join(out, '.ttl-archive'))) {
    if ('problem' in record) throw new Error(`${record.file}:${record.number}: ${record.problem}`);
    lines.push(record.line);
  }
  return lines;
}
