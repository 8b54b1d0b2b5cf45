import * as fs from 'node:fs';
import type { OwnFile } from '../ports/index.js';
import { attempt, closeQuietly, writeAll } from './fs-promise.js';
import { isSameFile } from './open-file.js';

/** A file that this process has created, as OwnFile. `statsNow` returns the stats of the file that has the path now. */
export async function nodeOwnFile(
  fd: number,
  path: string,
  statsNow: () => Promise<fs.Stats | undefined>,
): Promise<OwnFile> {
  const own = await attempt<fs.Stats>('access', path, (done) => fs.fstat(fd, done)).catch((error: unknown) => {
    closeQuietly(fd);
    throw error;
  });
  return {
    async overwrite(content) {
      await writeAll(fd, path, Buffer.from(content), 0);
      // Other hosts see a write to a network file system only after a sync.
      await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
    },
    async isCurrent() {
      const found = await statsNow();
      return found !== undefined && isSameFile(found, own);
    },
    close: () => attempt<void>('close', path, (done) => fs.close(fd, done)),
  };
}
