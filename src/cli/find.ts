import { relative } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import { searchJournal } from '../journal/search-journal.js';
import { escapeJson, escapeText, slices, toJsonLine } from '../lib/escape.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry } from '../ports/index.js';
import { createEntryReader, type EntryReader } from '../restore/entry-reader.js';
import { findVersions, learnKeyNames } from '../restore/find.js';
import { parseKey } from '../restore/key-text.js';
import { shownItem } from '../restore/shown-item.js';
import { openArchiveToRead } from './archive-to-read.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { verifyNext } from './next-commands.js';
import { writesJson } from './report-error.js';

export interface FindOptions extends LogOptions {
  readonly key: string;
  readonly out: string;
  readonly latest?: boolean;
  readonly show?: boolean;
  readonly json?: boolean;
}

/** Runs `find`. Throws NOT_VERIFIED when an item to be shown is missing or altered. */
export async function runFind(options: FindOptions, io: Io): Promise<void> {
  const { disk, directory, state, facts, journal } = await openArchiveToRead(options.out, io);
  const names = options.key.trimStart().startsWith('{') ? [] : await learnKeyNames(journal());
  const versions =
    names === undefined
      ? []
      : await findVersions({
          search: (needle) => searchJournal({ disk }, state, needle),
          journal,
          query: parseKey(options.key, names),
        });
  if (versions.length === 0) {
    const msg = 'no archived version has this key';
    io.stderr.write(writesJson(options, io) ? `${JSON.stringify({ level: 'info', msg })}\n` : `${msg}\n`);
    return;
  }
  const read = createEntryReader({ disk, directory });
  let unreadable = 0;
  for (const entry of options.latest === true ? versions.slice(-1) : versions) {
    await io.stdout.drained?.();
    io.signal.throwIfAborted();
    const path = relative(io.cwd, `${directory}/${entry.file}`);
    if (options.show !== true) {
      io.stdout.write(options.json === true ? toJsonLine({ ...entry, file: path }) : versionLine(path, entry));
      continue;
    }
    const content = await readJson(read, entry);
    if ('problem' in content) {
      unreadable++;
      io.stderr.write(`${escapeText(`${path}: ${content.problem}`)}\n`);
      continue;
    }
    const json = options.json === true;
    io.stdout.write(json ? `${toJsonLine({ ...entry, file: path }).slice(0, -2)},"item":` : '');
    for (const slice of slices(shownItem(content.text, facts))) {
      io.stdout.write(escapeJson(slice));
      await io.stdout.drained?.();
    }
    io.stdout.write(json ? '}\n' : '\n');
  }
  if (unreadable === 0) return;
  throw new TtlArchiveError('NOT_VERIFIED', `${unreadable} of the archived versions cannot be shown.`, {
    remedy: 'See everything that is missing or altered:',
    commands: [verifyNext(options.out)],
  });
}

/** The text of an item. It is printed as it is, so it must be JSON. */
async function readJson(read: EntryReader, entry: ItemEntry): ReturnType<EntryReader> {
  const content = await read(entry);
  if ('problem' in content) return content;
  const parsed = parseJson(content.text);
  return 'problem' in parsed ? parsed : content;
}

/** Deletion time, provenance, expiry time and path, separated by tabs. */
function versionLine(path: string, { deletedAt, provenance, ttl, offset, line }: ItemEntry): string {
  const place = offset === undefined ? '' : `@${offset}${line === undefined ? '' : `:${line}`}`;
  return `${[deletedAt, provenance, expiry(ttl), `${path}${place}`].map(escapeText).join('\t')}\n`;
}

/** ISO 8601, or the bare number when it is outside the range of dates. */
function expiry(ttl: number | undefined): string {
  if (ttl === undefined) return '-';
  const date = new Date(ttl * 1000);
  return Number.isNaN(date.getTime()) ? String(ttl) : date.toISOString();
}
