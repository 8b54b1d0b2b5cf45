import * as fs from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { refusal } from './disk-error.js';
import { attempt } from './fs-promise.js';
import { causeOf, kindOf } from './open-file.js';
import type { Places } from './place.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
/** Linux: the folders that this process has open, whatever has become of their paths (like openat). */
const OPEN_FOLDERS = '/proc/self/fd';

interface OpenFolder {
  /** The folder's path for node:fs, and how to close it. */
  readonly opening: Promise<{ readonly real: string; readonly close: () => void }>;
  users: number;
}

/**
 * Paths below a root, none of which leads out of it: the root and the folders above it may be links; nothing below may.
 *
 * On Linux each folder is opened inside its parent without following links, and its files are reached through the open
 * folder, so that nobody can put a link in between. Elsewhere each folder is checked before it is used. A folder stays
 * open while operations in it overlap: thousands of files a second cost one open.
 */
export function placesWithin(
  root: string,
  { handles = fs.existsSync(OPEN_FOLDERS) }: { /** For tests. */ readonly handles?: boolean } = {},
): Places {
  const top = resolve(root);
  const prefix = top.endsWith(sep) ? top : `${top}${sep}`;
  const openFolders = new Map<string, OpenFolder>();

  function checkInside(action: string, path: string): string {
    const whole = resolve(path);
    if (whole === top || whole.startsWith(prefix)) return whole;
    throw refusal(action, path, 'it lies outside the archive folder');
  }

  /** `folder` is absolute and inside. */
  async function within<T>(action: string, folder: string, use: (real: string) => Promise<T>): Promise<T> {
    const known = openFolders.get(folder) ?? { opening: open(action, folder), users: 0 };
    openFolders.set(folder, known);
    known.users += 1;
    try {
      const { real } = await known.opening;
      return await use(real);
    } finally {
      known.users -= 1;
      if (known.users === 0) {
        openFolders.delete(folder);
        known.opening.then(
          ({ close }) => close(),
          () => undefined, // the callers that awaited it have the error
        );
      }
    }
  }

  function open(action: string, folder: string): OpenFolder['opening'] {
    if (folder === top) return handles ? openFolder(action, top, top, 0) : Promise.resolve({ real: top, close() {} });
    return within(action, dirname(folder), async (parent) => {
      const real = join(parent, basename(folder));
      if (handles) return openFolder(action, folder, real, O_NOFOLLOW);
      const stats = await attempt<fs.Stats>(action, folder, (done) => fs.lstat(real, done));
      if (!stats.isDirectory()) throw notAFolder(action, folder, stats);
      return { real, close() {} };
    });
  }

  return {
    async file(action, path, use) {
      const whole = checkInside(action, path);
      if (whole === top) throw refusal(action, path, 'it is a folder, not a file');
      return within(action, dirname(whole), (real) =>
        use({ path, real: `${real}${sep}${basename(whole)}`, follow: false }),
      );
    },
    async folder(action, path, use) {
      return within(action, checkInside(action, path), use);
    },
    isRoot: (path) => resolve(path) === top,
  };
}

async function openFolder(action: string, folder: string, real: string, flags: number) {
  let fd: number;
  try {
    fd = await attempt<number>(action, folder, (done) => fs.open(real, O_RDONLY | O_DIRECTORY | flags, done));
  } catch (error) {
    const code = causeOf(error);
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
    const stats = await attempt<fs.Stats>(action, folder, (done) => fs.lstat(real, done));
    throw stats.isDirectory() ? error : notAFolder(action, folder, stats);
  }
  return { real: `${OPEN_FOLDERS}/${fd}`, close: () => fs.close(fd, () => undefined) };
}

function notAFolder(action: string, folder: string, stats: fs.Stats) {
  return refusal(action, folder, `it is ${kindOf(stats)}, not a folder`);
}
