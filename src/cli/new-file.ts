import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { withAppendFile } from '../lib/with-append-file.js';
import type { AppendFile } from '../ports/index.js';

interface NewFile {
  /** The folder in which the command was started. */
  readonly cwd: string;
  /** As the user named it. */
  readonly name: string;
  /** Replace a file of that name. */
  readonly force: boolean;
}

/** Throws USAGE when a file of that name exists and is not to be replaced. */
export async function checkAbsent({ cwd, name, force }: NewFile): Promise<void> {
  if (force || (await nodeDisk.size(resolve(cwd, name))) === undefined) return;
  throw new TtlArchiveError('USAGE', `The file ${escapeText(name)} exists.`, {
    remedy: 'Add --force to replace it, or name another file.',
  });
}

/** Writes a file that has its name only when it is whole and durable. Throws as `checkAbsent` does, and what `write` throws. */
export async function writeNewFile(file: NewFile, write: (file: AppendFile) => Promise<void>): Promise<void> {
  const path = resolve(file.cwd, file.name);
  const temporary = `${path}.${randomUUID()}`;
  await checkAbsent(file);
  try {
    await withAppendFile(nodeDisk, temporary, async (content) => {
      await write(content);
      await content.sync();
    });
    await checkAbsent(file);
    await nodeDisk.rename(temporary, path);
  } catch (error) {
    await nodeDisk.remove(temporary).catch(() => undefined);
    throw error;
  }
  await nodeDisk.syncDirectory(dirname(path));
}
