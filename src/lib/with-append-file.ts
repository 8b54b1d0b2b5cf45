import type { AppendFile, Disk } from '../ports/index.js';

/** Runs `use` with a file open for appending, then closes it. */
export async function withAppendFile(
  disk: Disk,
  path: string,
  use: (file: AppendFile) => Promise<void>,
): Promise<void> {
  const file = await disk.openAppend(path);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
