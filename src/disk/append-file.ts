import * as fs from 'node:fs';
import type { AppendFile } from '../ports/index.js';
import { attempt, writeAll } from './fs-promise.js';
import { isSameFile, type Opened } from './open-file.js';

/**
 * An open file as AppendFile. `statsNow` returns the stats of the file that has the path now. Calls must not overlap.
 */
export function nodeAppendFile(
  { fd, stats }: Opened,
  path: string,
  statsNow: () => Promise<fs.Stats | undefined>,
): AppendFile {
  let length = stats.size;
  return {
    get length() {
      return length;
    },
    async isUntouched() {
      const found = await statsNow();
      return found !== undefined && isSameFile(found, stats) && found.size === length;
    },
    async append(content) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      await writeAll(fd, path, bytes);
      length += bytes.length;
    },
    sync: () => attempt<void>('write', path, (done) => fs.fdatasync(fd, done)),
    async truncate(to) {
      await attempt<void>('truncate', path, (done) => fs.ftruncate(fd, to, done));
      length = to;
      await attempt<void>('truncate', path, (done) => fs.fsync(fd, done));
    },
    close: () => attempt<void>('close', path, (done) => fs.close(fd, done)),
  };
}
