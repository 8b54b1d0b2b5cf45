import { TtlArchiveError } from '../errors.js';

const SAFE_PATH = /^(?:[A-Za-z0-9_=-][A-Za-z0-9._=-]*\/)*[A-Za-z0-9_=-][A-Za-z0-9._=-]*$/;

/**
 * True for a path that a journal line may name: inside the archive folder, outside `.ttl-archive/`, of safe characters.
 * A forged journal must not make us read `../../etc/passwd`.
 */
export function isArchivePath(file: string): boolean {
  return SAFE_PATH.test(file);
}

/** Throws JOURNAL when a journal line names a path that the archive cannot have written. */
export function assertArchivePath(file: string): void {
  if (isArchivePath(file)) return;
  throw new TtlArchiveError('JOURNAL', 'The journal names a file outside the archive folder.', {
    remedy: 'Do not trust this archive until you know who wrote its journal; `verify` lists the lines.',
  });
}

/**
 * True for names that match a tool's glob for archived items. Globs skip hidden names: macOS and file servers put files of
 * their own beside ours (`._x.json`, `.nfs0001`).
 */
export function looksArchived(file: string): boolean {
  return /\.json(?:\.gz)?$/.test(file) && !/(?:^|\/)\./.test(file);
}
