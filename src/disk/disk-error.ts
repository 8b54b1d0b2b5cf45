import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';

interface Explanation {
  readonly reason: string;
  readonly remedy: string;
}

const FULL = 'Free some space, then start again: it resumes where it stopped.';
const PERMISSION = 'Give this user read and write permission there, or choose another folder with --out.';
const FILES = 'Raise the limit of open files to 1024 or more (ulimit -n), or use --layout segments.';
const FOLDER = 'Choose a folder with --out, or move that file out of the way.';
const BROKEN = 'Check the disk and its cable, mount or network, then start again: it resumes where it stopped.';

const EXPLANATIONS: { readonly [code: string]: Explanation } = {
  ENOSPC: { reason: 'the disk is full', remedy: FULL },
  EDQUOT: { reason: 'the disk quota of this user is used up', remedy: FULL },
  EFBIG: { reason: 'the file would grow larger than the file system or ulimit -f allows', remedy: FULL },
  EACCES: { reason: 'permission denied', remedy: PERMISSION },
  EPERM: { reason: 'the system does not permit it', remedy: PERMISSION },
  EROFS: {
    reason: 'the file system is read-only',
    remedy: 'Mount it writable, or choose another folder with --out.',
  },
  EMFILE: { reason: 'this process has too many files open', remedy: FILES },
  ENFILE: { reason: 'the system has too many files open', remedy: FILES },
  ENOTDIR: { reason: 'a part of this path is a file, not a folder', remedy: FOLDER },
  EEXIST: { reason: 'there is a file of this name already', remedy: FOLDER },
  EISDIR: { reason: 'it is a folder, not a file', remedy: 'Move that folder out of the way.' },
  ENOENT: {
    reason: 'there is no such file or folder',
    remedy: 'Check that nothing else moves or deletes files in the archive folder, then start again.',
  },
  ENAMETOOLONG: { reason: 'the name is too long', remedy: 'Choose a folder with a shorter path with --out.' },
  ELOOP: { reason: 'it is, or leads through, a symbolic link', remedy: 'Choose another folder with --out.' },
  EXDEV: {
    reason: 'it lies on another file system',
    remedy: 'Keep the archive folder and its .ttl-archive folder on one file system.',
  },
  EBUSY: { reason: 'another program uses it', remedy: 'Close that program, then start again.' },
  EIO: { reason: 'the disk reports an input/output error', remedy: BROKEN },
  ENXIO: { reason: 'the device is gone', remedy: BROKEN },
  ENODEV: { reason: 'the device is gone', remedy: BROKEN },
  ESTALE: { reason: 'the network file system no longer has it', remedy: BROKEN },
  ETIMEDOUT: { reason: 'the network file system does not respond', remedy: BROKEN },
};

/** The code of a system error of Node.js (`ENOSPC`, …); undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A failed file operation as a DISK error with a remedy: `Cannot <action> <path>: <reason>.` The path is escaped.
 */
export function diskError(action: string, path: string, cause: unknown): TtlArchiveError {
  const code = systemCode(cause);
  const known = code === undefined ? undefined : EXPLANATIONS[code];
  const reason = known?.reason ?? `the system reported ${code ?? 'an error without a name'}`;
  return new TtlArchiveError('DISK', `Cannot ${action} ${escapeText(path)}: ${reason}.`, {
    remedy: known?.remedy ?? 'Check the disk and the folder, then start again: it resumes where it stopped.',
    cause,
  });
}

/** A DISK error for an operation that is not attempted, because the path is not what it should be. */
export function refusal(
  action: string,
  path: string,
  reason: string,
  remedy = 'ttl-archive did not create it: remove it, or choose another folder with --out.',
): TtlArchiveError {
  return new TtlArchiveError('DISK', `Cannot ${action} ${escapeText(path)}: ${reason}.`, { remedy });
}
