import { escapeJson, escapeText, slices, toJsonLine } from '../lib/escape.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry } from '../ports/index.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import type { EntryReader } from '../restore/entry-reader.js';
import { shownItem } from '../restore/shown-item.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { writesJson } from './report-error.js';

interface PrinterOptions extends LogOptions {
  readonly key?: string;
  readonly show?: boolean;
  readonly json?: boolean;
}

/** Prints entries as the options say. */
export function createPrinter(archive: ArchiveToRead, options: PrinterOptions, io: Io) {
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
