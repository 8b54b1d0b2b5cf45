import type { ObjectStorage } from '../ports/index.js';

/** Bytes of one request: most objects that the Lambda handler writes are smaller. */
const WINDOW = 1024 * 1024;

/** Small reads of an object, one after the other, out of large ones. What is missing is empty. */
export function objectWindow(
  storage: Pick<ObjectStorage, 'readAt'>,
  size = WINDOW,
): { readAt(key: string, position: number, length: number): Promise<Buffer> } {
  let start = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return {
    async readAt(key, position, length) {
      const isLast = bytes.length > 0 && bytes.length < size;
      if (position < start || (position + length > start + bytes.length && !isLast)) {
        start = position;
        bytes = (await storage.readAt(key, position, Math.max(length, size))) ?? Buffer.alloc(0);
      }
      return bytes.subarray(position - start, position - start + length);
    },
  };
}
