import { chmod } from 'node:fs/promises';

/**
 * A folder in which nobody may make anything: `folder` without the right to write, or, for root, whom that does not
 * stop, a folder of Linux's own. Undefined where neither is to be had.
 */
export async function readOnlyFolder(folder: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o500);
    return folder;
  }
  return process.platform === 'linux' ? '/sys/kernel' : undefined;
}
