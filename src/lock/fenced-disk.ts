import type { AppendFile, Disk } from '../ports/index.js';
import type { Lock } from './held-lock.js';

/**
 * The disk for all writes under a lock: each change first checks that the lock is still ours, and rejects with LOCKED when
 * it is not. Soon after a renewal that costs a comparison.
 */
export function fencedDisk(disk: Disk, lock: Pick<Lock, 'check'>): Disk {
  const fenced = <In extends unknown[], Out>(change: (...args: In) => Promise<Out>) => {
    return (...args: In): Promise<Out> => {
      const checked = lock.check();
      return checked === undefined ? change(...args) : checked.then(() => change(...args));
    };
  };
  return {
    list: (path) => disk.list(path),
    read: (path, limit) => disk.read(path, limit),
    readAt: (path, position, length) => disk.readAt(path, position, length),
    size: (path) => disk.size(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    makeDirectory: fenced((path) => disk.makeDirectory(path)),
    replace: fenced((path, temporary, content) => disk.replace(path, temporary, content)),
    createExclusive: fenced((path, content) => disk.createExclusive(path, content)),
    rename: fenced((from, to) => disk.rename(from, to)),
    remove: fenced((path) => disk.remove(path)),
    openAppend: fenced(async (path) => fencedFile(await disk.openAppend(path))),
  };

  function fencedFile(file: AppendFile): AppendFile {
    return {
      get length() {
        return file.length;
      },
      isUntouched: () => file.isUntouched(),
      append: fenced((content) => file.append(content)),
      sync: () => file.sync(),
      truncate: fenced((length) => file.truncate(length)),
      close: () => file.close(),
    };
  }
}
