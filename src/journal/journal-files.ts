import { isJournalFile, journalFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { LINE_FEED } from '../lib/lines.js';
import type { Disk } from '../ports/index.js';
import { MAX_LINE } from './limits.js';

const CHUNK = 1 << 20;

/** Names of the journal's files, oldest first. */
export async function listJournalFiles(disk: Disk, directory: string): Promise<string[]> {
  const names = (await disk.list(journalFolder(directory))) ?? [];
  return names.filter(isJournalFile);
}

/** A part of a file: whole lines with their line feeds, or (`whole: false`, last) the bytes after the last line feed. */
export interface Lines {
  readonly bytes: Buffer;
  readonly start: number;
  readonly whole: boolean;
}

/** Reads a file from `start` to `end` (or to its end) in bounded memory, split at line ends. */
export async function* readLines(disk: Disk, path: string, start = 0, end = Infinity): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0);
  let position = start;
  while (position < end) {
    const chunk = await disk.readAt(path, position, Math.min(CHUNK, end - position));
    if (chunk.length === 0) break;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const from = position - rest.length;
    position += chunk.length;
    const cut = bytes.lastIndexOf(LINE_FEED) + 1;
    if (cut > 0) yield { bytes: bytes.subarray(0, cut), start: from, whole: true };
    rest = bytes.subarray(cut);
    // A file without line feeds must not be read into memory whole.
    if (rest.length > MAX_LINE) throw journalError(path, `holds a line of more than ${MAX_LINE} bytes`);
  }
  if (rest.length > 0) yield { bytes: rest, start: position - rest.length, whole: false };
}

/** A JOURNAL error (exit 7) that names the damaged file. */
export function journalError(path: string, problem: string, remedy?: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The journal file ${escapeText(path)} ${problem}.`, {
    remedy:
      remedy ??
      'Restore the file from a backup; without one, keep this archive as it is and start a new one with another --out.',
  });
}
