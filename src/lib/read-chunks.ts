import type { Disk } from '../ports/index.js';

/** A file's bytes from `start` on, in chunks of at most `size` bytes. Throws the disk's errors. */
export async function* readChunks(
  disk: Pick<Disk, 'readAt'>,
  path: string,
  { start = 0, size = 256 * 1024 }: { readonly start?: number; readonly size?: number } = {},
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = start; ; ) {
    const chunk = await disk.readAt(path, position, size);
    if (chunk.length === 0) return;
    yield chunk;
    position += chunk.length;
  }
}
