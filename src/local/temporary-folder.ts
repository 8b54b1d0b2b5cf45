import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';

/** Creates a folder for temporary files, whose name begins with `prefix`. Throws USAGE when TMPDIR is not writable. */
export async function temporaryFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), prefix));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new TtlArchiveError('USAGE', `Cannot create a folder in ${escapeText(tmpdir())}${code}.`, {
      remedy: 'Set TMPDIR to a folder that you can write to.',
      cause,
    });
  }
}
