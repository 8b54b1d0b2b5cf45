import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { refusal, systemCode } from './disk-error.js';
import { attempt, closeQuietly } from './fs-promise.js';
import { causeOf, kindOf } from './open-file.js';
import { anywhere, type Places } from './place.js';

const FOLDER_MODE = 0o700;
const ACTION = 'create the folder';

/** Creates a folder and its parents, durably. */
export async function makeDirectory(places: Places, path: string): Promise<void> {
  const where = places.isRoot(path) ? anywhere : places;
  if (await makeFolder(where, path)) return;
  // Not with `recursive`: in a folder that rejects new ones (/proc), Node.js retries forever.
  await makeDirectory(where, dirname(resolve(path)));
  if (await makeFolder(where, path)) return;
  // Its parent exists, and yet the system says that there is no such folder.
  throw refusal(ACTION, path, 'the file system there takes no new folders', 'Choose another folder with --out.');
}

/** False when its parent is missing. */
async function makeFolder(places: Places, path: string): Promise<boolean> {
  try {
    await places.file(ACTION, path, ({ real }) =>
      attempt<void>(ACTION, path, (done) => fs.mkdir(real, { mode: FOLDER_MODE }, (error) => done(error, undefined))),
    );
  } catch (error) {
    const code = causeOf(error);
    if (code === 'ENOENT' && dirname(resolve(path)) !== resolve(path)) return false;
    if (code !== 'EEXIST') throw error;
    await checkFolder(places, path);
    return true;
  }
  const parent = dirname(resolve(path));
  await places.folder('sync the folder', parent, (real) => syncFolder(parent, real));
  return true;
}

async function checkFolder(places: Places, path: string): Promise<void> {
  const stats = await places.folder(ACTION, path, (real) =>
    attempt<fs.Stats>(ACTION, path, (done) => fs.stat(real, done)),
  );
  if (!stats.isDirectory()) {
    throw refusal(
      ACTION,
      path,
      `it is ${kindOf(stats)}, not a folder`,
      'Move it out of the way, or choose another folder with --out.',
    );
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string, real: string): Promise<void> {
  const fd = await attempt<number>('sync the folder', path, (done) => fs.open(real, 'r', done));
  try {
    await attempt<void>('sync the folder', path, (done) =>
      fs.fsync(fd, (error) => {
        // Windows and some network file systems cannot sync a folder.
        const code = systemCode(error);
        done(code === 'EINVAL' || code === 'ENOTSUP' || code === 'EPERM' ? null : error);
      }),
    );
  } finally {
    closeQuietly(fd);
  }
}
