import { resolve } from 'node:path';
import { firstHead } from '../archive/first-head.js';
import { diskWithin } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { archivesIn } from '../journal/archives-in.js';
import { escapeText, quoted } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { tableNameOf } from '../lib/table-arn.js';
import { openFolderIfAny } from './archive-folder.js';
import { openStorage, type ReadingContext, type S3Reach } from './open-storage.js';

/** Tables that a message names. */
const MAX_NAMED = 10;

/** The names of the archives in the folder `out`, which is none itself: `watch` makes one for each of several tables. */
export async function archivesInside(out: string, { cwd }: Pick<ReadingContext, 'cwd'>): Promise<string[]> {
  const root = resolve(cwd, out);
  return archivesIn(diskWithin(root), root);
}

/**
 * Where the archive of `table` is: `out`, or its folder, or prefix, in `out`. Without a table, `out`. Throws TABLE when it
 * is in neither. `anyTable`: an archive in `out` itself may be of another table.
 */
export async function chooseArchive(
  {
    out,
    table,
    anyTable = false,
  }: { readonly out: string; readonly table?: string | undefined; readonly anyTable?: boolean },
  reach: S3Reach,
  context: ReadingContext,
): Promise<string> {
  if (table === undefined) return out;
  const name = tableNameOf(table);
  const found = await tableOf(out, reach, context);
  if (found === name || (found !== undefined && anyTable)) return out;
  if (found !== undefined) throw ofOtherTable(out, found, name);
  const inside = `${out.replace(/\/+$/, '')}/${name}`;
  const names = isS3Url(out) ? [name] : await archivesInside(out, context);
  if (names.includes(name)) {
    const other = await tableOf(inside, reach, context);
    if (other === name) return inside;
    if (other !== undefined) throw ofOtherTable(inside, other, name);
  }
  // An archive that is missing is reported as such, under the name that was given.
  if (names.length === 0 || names.includes(name)) return out;
  throw new TtlArchiveError('TABLE', `${escapeText(out)} holds no archive of table ${quoted(name)}.`, {
    remedy: `It holds those of ${listed(names)}.`,
  });
}

function ofOtherTable(place: string, table: string, wanted: string): TtlArchiveError {
  return new TtlArchiveError('TABLE', `The archive in ${escapeText(place)} is of table ${quoted(table)}.`, {
    remedy: `Leave --table out, or name the archive of ${quoted(wanted)} with --out.`,
  });
}

/** For a folder without an archive: the error when it holds those of several tables. */
export async function severalArchives(out: string, context: ReadingContext): Promise<TtlArchiveError | undefined> {
  const names = await archivesInside(out, context);
  const [first] = names;
  if (first === undefined) return undefined;
  const example = escapeText(`${out.replace(/\/+$/, '')}/${first}`);
  return new TtlArchiveError('TABLE', `${escapeText(out)} holds archives of several tables: ${listed(names)}.`, {
    remedy: `Choose one with --table, where the command has it, or with --out ${example}.`,
  });
}

async function tableOf(out: string, reach: S3Reach, context: ReadingContext): Promise<string | undefined> {
  if (isS3Url(out)) return (await firstHead(await openStorage(out, reach, context)))?.header.table;
  return (await openFolderIfAny(out, context))?.facts.table;
}

function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).map(quoted).join(', ')}${more}`;
}
