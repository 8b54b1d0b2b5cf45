import { TtlArchiveError } from '../errors.js';
import { escapeJson, escapeText, slices, toJsonLine } from '../lib/escape.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry } from '../ports/index.js';
import type { EntryReader } from '../restore/entry-reader.js';
import { parseKey } from '../restore/key-text.js';
import { shownItem } from '../restore/shown-item.js';
import type { Window } from '../restore/window.js';
import type { ArchiveToRead } from './archive-to-read.js';
import type { Io } from './io.js';
import { verifyNext } from './next-commands.js';
import { openArchiveToRead } from './open-archive.js';
import { writesJson } from './report-error.js';
import type { S3Options } from './s3-storage.js';
import { checkWindow, type WindowOptions } from './window-options.js';

export interface FindOptions extends S3Options, WindowOptions {
  readonly key?: string;
  readonly out: string;
  readonly expired?: boolean;
  readonly latest?: boolean;
  readonly show?: boolean;
  readonly json?: boolean;
  readonly count?: boolean;
}

type OnDamage = (error: TtlArchiveError) => void;

/**
 * Runs `find`. Throws NOT_VERIFIED when an item to be shown is missing or altered, and JOURNAL, after everything that was
 * found, when a manifest is damaged.
 */
export async function runFind(options: FindOptions, io: Io): Promise<void> {
  checkOptions(options);
  const archive = await openArchiveToRead(options.out, options, io);
  let damage: TtlArchiveError | undefined;
  const entries = await find(archive, options, (error) => {
    damage ??= error;
  });
  const print = createPrinter(archive, options, io);
  let count = 0;
  for await (const batch of entries) {
    io.signal.throwIfAborted();
    count += batch.length;
    if (options.count === true) continue;
    for (const entry of batch) {
      await io.stdout.drained?.();
      io.signal.throwIfAborted();
      await print.entry(entry);
    }
  }
  if (options.count === true) io.stdout.write(`${count}\n`);
  else if (count === 0) print.nothing();
  if (damage !== undefined) throw damage;
  if (print.unreadable === 0) return;
  throw new TtlArchiveError('NOT_VERIFIED', `${print.unreadable} of the archived versions cannot be shown.`, {
    remedy: 'See everything that is missing or altered:',
    commands: [verifyNext(options.out)],
  });
}

function checkOptions(options: FindOptions): void {
  const { key, since, until, expired, latest } = options;
  checkWindow(options);
  const hasWindow = since !== undefined || until !== undefined;
  const missing =
    key === undefined && !hasWindow
      ? 'Neither a key nor a time says what to find.'
      : expired === true && !hasWindow
        ? '--expired needs --since or --until.'
        : latest === true && key === undefined
          ? '--latest needs --key.'
          : undefined;
  if (missing === undefined) return;
  throw new TtlArchiveError('USAGE', missing, {
    remedy: 'Give --key, or a time like --since 2026-11-24T10:00 --until 2026-11-24T11:00.',
  });
}

async function find(
  archive: ArchiveToRead,
  { key, since, until, expired, latest }: FindOptions,
  onDamage: OnDamage,
): Promise<AsyncIterable<readonly ItemEntry[]> | readonly (readonly ItemEntry[])[]> {
  const window: Window = { since, until, by: expired === true ? 'expired' : 'deleted' };
  if (key === undefined) return archive.items(window, onDamage);
  const names = key.trimStart().startsWith('{') ? {} : await archive.firstKey();
  if (names === undefined) return [];
  const versions = await archive.versions(parseKey(key, Object.keys(names)), window, onDamage);
  return [latest === true ? versions.slice(-1) : versions];
}

/** Prints entries as the options say. */
function createPrinter(archive: ArchiveToRead, options: FindOptions, io: Io) {
  const json = options.json === true;
  const printer = {
    unreadable: 0,
    async entry(entry: ItemEntry): Promise<void> {
      const path = archive.placeOf(entry.file);
      if (options.show !== true) {
        io.stdout.write(json ? toJsonLine({ ...entry, file: path }) : versionLine(path, entry));
        return;
      }
      const content = await readJson(archive.read, entry);
      if ('problem' in content) {
        printer.unreadable++;
        io.stderr.write(`${escapeText(`${path}: ${content.problem}`)}\n`);
        return;
      }
      io.stdout.write(json ? `${toJsonLine({ ...entry, file: path }).slice(0, -2)},"item":` : '');
      for (const slice of slices(shownItem(content.text, archive.facts))) {
        io.stdout.write(escapeJson(slice));
        await io.stdout.drained?.();
      }
      io.stdout.write(json ? '}\n' : '\n');
    },
    nothing(): void {
      const what =
        options.key === undefined ? 'no item in the archive is of this time' : 'no archived version has this key';
      io.stderr.write(writesJson(options, io) ? `${JSON.stringify({ level: 'info', msg: what })}\n` : `${what}\n`);
    },
  };
  return printer;
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
