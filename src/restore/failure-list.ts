import type { AppendFile, Disk } from '../ports/index.js';
import type { FailedItem } from './restore-counts.js';

/** A file of the items that were not restored, which `restore` can read again. It is created when the first item fails. */
export interface FailureList {
  readonly path: string;
  add(failed: FailedItem): Promise<void>;
  close(): Promise<void>;
}

/** Each line is `{"Item":{…},"reason":"…","file":"…"}`, without `Item` when that could not be read. */
export function createFailureList({ disk, path }: { readonly disk: Disk; readonly path: string }): FailureList {
  let opening: Promise<AppendFile> | undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    path,
    add: ({ item, where, reason }) => {
      const line = JSON.stringify({ ...(item === undefined ? {} : { Item: item }), reason, file: where });
      // Appends must not overlap.
      last = last.then(async () => {
        opening ??= disk.openAppend(path);
        await (await opening).append(`${line}\n`);
      });
      return last;
    },
    close: async () => {
      const file = await opening;
      if (file === undefined) return;
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}
