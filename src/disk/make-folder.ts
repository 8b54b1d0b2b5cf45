import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { diskError, refusal, systemCode } from './disk-error.js';
import { attempt, withFile } from './fs-promise.js';
import { causeOf, kindOf } from './open-file.js';
import { anywhere, type Places } from './place.js';

const FOLDER_MODE = 0o700;
const ACTION = 'create the folder';

/** Makes a folder and its parents, each durable in the one above it. */
export async function makeDirectory(places: Places, path: string): Promise<void> {
  const where = places.isRoot(path) ? anywhere : places;
  if (await makeFolder(where, path)) return;
  // Not with `recursive`: where a folder exists and yet takes no new one (/proc), Node.js tries for ever.
  await makeDirectory(where, dirname(resolve(path)));
  if (await makeFolder(where, path)) return;
  throw diskError(ACTION, path, Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
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
  // The folder is new: a name in its parent, and has to be durable there.
  const parent = dirname(resolve(path));
  await places.folder('write the folder', parent, (real) => syncFolder(parent, real));
  return true;
}

/** What has the name must be a folder. */
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
export function syncFolder(path: string, real: string): Promise<void> {
  return withFile({ action: 'write the folder', path, real, flags: 'r' }, (fd) =>
    attempt<void>('write the folder', path, (done) =>
      fs.fsync(fd, (error) => {
        // Windows and some network file systems cannot sync a folder; there is nothing more that could be done.
        const code = systemCode(error);
        done(code === 'EINVAL' || code === 'ENOTSUP' || code === 'EPERM' ? null : error);
      }),
    ),
  );
}
