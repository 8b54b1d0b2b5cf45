import * as fs from 'node:fs';
import type { OwnFile } from '../ports/index.js';
import { attempt, closeQuietly, writeAllAt } from './fs-promise.js';
import { isSameFile } from './open-file.js';

/** An open file that this process has created, as OwnFile; `look` gives what has its path by now. */
export async function nodeOwnFile(
  fd: number,
  path: string,
  look: () => Promise<fs.Stats | undefined>,
): Promise<OwnFile> {
  const own = await attempt<fs.Stats>('look at', path, (done) => fs.fstat(fd, done)).catch((error: unknown) => {
    closeQuietly(fd);
    throw error;
  });
  return {
    async overwrite(content) {
      await writeAllAt(fd, path, Buffer.from(content), 0);
      // Other hosts of a network file system see it only then.
      await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
    },
    async isCurrent() {
      const found = await look();
      return found !== undefined && isSameFile(found, own);
    },
    close: () => attempt<void>('close', path, (done) => fs.close(fd, done)),
  };
}
