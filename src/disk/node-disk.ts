import * as fs from 'node:fs';
import type { Disk } from '../ports/index.js';
import { nodeAppendFile } from './append-file.js';
import { createExclusive, FILE_MODE, replace } from './create-file.js';
import { refusal } from './disk-error.js';
import { attempt } from './fs-promise.js';
import { makeDirectory, syncFolder } from './make-folder.js';
import { causeOf, openFile, reading, readRange, sizeOf } from './open-file.js';
import { nodeOwnFile } from './own-file.js';
import { anywhere, type Places } from './place.js';
import { placesWithin } from './places-within.js';

const APPEND = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_APPEND;

/** The real file system, for files that the user names: any part of a path may be a link. */
export const nodeDisk: Disk = diskOf(anywhere);

/**
 * The real file system below one folder, for an archive: `folder` may be reached through links, but nothing below it may
 * be a link. An archive may come from anywhere, and `watch` may run as root: no link in an archive may make a command
 * read, write or delete anything outside it.
 */
export function diskWithin(folder: string): Disk {
  return diskOf(placesWithin(folder));
}

/** Uses the callback functions of node:fs for speed: `replace` is the hot path of `--layout files`. */
export function diskOf(places: Places): Disk {
  return {
    makeDirectory: (path) => makeDirectory(places, path),
    list: (path) =>
      unlessMissing(
        places.folder('list the folder', path, async (real) => {
          const entries = await attempt<fs.Dirent[]>('list the folder', path, (done) =>
            fs.readdir(real, { withFileTypes: true }, done),
          );
          return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
        }),
      ),
    read: (path, limit) =>
      unlessMissing(
        places.file('read', path, (place) =>
          reading(place, async ({ fd, stats }) => {
            if (stats.size > limit) throw tooLarge(path, stats.size, limit);
            return readRange(fd, path, 0, stats.size);
          }),
        ),
      ),
    readAt: (path, position, length) =>
      places.file('read', path, (place) => reading(place, ({ fd }) => readRange(fd, path, position, length))),
    size: (path) => unlessMissing(places.file('access', path, sizeOf)),
    replace: (path, temporary, content) =>
      places.file('write', path, (to) => places.file('write', temporary, (from) => replace(to, from, content))),
    createExclusive: (path, content) =>
      places.file('create', path, async (place) => {
        const fd = await createExclusive(place, content);
        return fd === undefined ? undefined : nodeOwnFile(fd, path, () => statsOf(path));
      }),
    rename: (from, to) =>
      places.file('write', to, (target) =>
        places.file('write', from, (source) =>
          attempt<void>('write', to, (done) => fs.rename(source.real, target.real, done)),
        ),
      ),
    remove: async (path) => {
      const removing = places.file('remove', path, ({ real }) =>
        attempt<true>('remove', path, (done) => fs.unlink(real, (error) => done(error, true))),
      );
      return (await unlessMissing(removing)) ?? false;
    },
    syncDirectory: (path) => places.folder('sync the folder', path, (real) => syncFolder(path, real)),
    openAppend: (path) =>
      places.file('write', path, async (place) =>
        nodeAppendFile(await openFile('write', place, APPEND, FILE_MODE), path, () => statsOf(path)),
      ),
  };
}

/**
 * What has this path now, to check that it is still the file that this process has open. Nothing is opened, so links do
 * no harm.
 */
function statsOf(path: string): Promise<fs.Stats | undefined> {
  return unlessMissing(attempt<fs.Stats>('access', path, (done) => fs.stat(path, done)));
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (causeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function tooLarge(path: string, size: number, limit: number) {
  const remedy = 'ttl-archive did not write it: restore it from a backup, or choose another folder with --out.';
  return refusal('read', path, `it holds ${size} bytes, more than the maximum of ${limit}`, remedy);
}
