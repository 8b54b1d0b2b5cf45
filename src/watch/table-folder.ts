import { stateFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { archivesIn } from '../journal/archives-in.js';
import { escapeText, quoted } from '../lib/escape.js';
import type { Disk } from '../ports/index.js';

/** API_CreateTable; beyond that, no dot at the beginning: `.ttl-archive` is a name that AWS would take. */
const FOLDER = /^(?!\.)[A-Za-z0-9_.-]{3,255}$/;

/**
 * True for a table's name that can be the name of a folder. Names that differ in case only have one folder on some file
 * systems: the second archive is refused there, because the first is locked, or of another table.
 */
export function isFolderName(name: string): boolean {
  return FOLDER.test(name);
}

/** Throws USAGE for a table's name that cannot be the name of a folder. */
export function checkFolderName(name: string): void {
  if (isFolderName(name)) return;
  throw new TtlArchiveError('USAGE', `The table ${quoted(name)} cannot be archived beside others.`, {
    remedy: 'Its name is no name for a folder. Give it a watch and a folder of its own.',
  });
}

/** Throws TABLE when the folder for the archives of several tables is an archive itself. */
export async function refuseArchive(disk: Disk, root: string): Promise<void> {
  const facts = await readArchiveFile({ disk }, stateFolder(root));
  if (facts === undefined) return;
  throw new TtlArchiveError('TABLE', `${escapeText(root)} is the archive of table ${quoted(facts.table)}.`, {
    remedy: 'Several tables need a folder that is no archive: name another one with --out.',
  });
}

/** Throws TABLE when a folder that is no archive yet holds the archives of several tables. */
export async function refuseArchivesInside(disk: Disk, directory: string): Promise<void> {
  if ((await readArchiveFile({ disk }, stateFolder(directory))) !== undefined) return;
  const [first] = await archivesIn(disk, directory);
  if (first === undefined) return;
  const inside = `${directory}/${first}`;
  throw new TtlArchiveError('TABLE', `${escapeText(directory)} holds archives of several tables.`, {
    remedy: `Name the folder of one table with --out, as ${escapeText(inside)}, or a new one.`,
  });
}
