import { readGzipMember } from '../archive/gzip-member.js';
import type { ObjectStorage } from '../ports/index.js';
import { type EntryReader, entryReaderOf } from './entry-reader.js';

/** Bytes of one request: most objects that the Lambda handler writes are smaller. */
const WINDOW = 1024 * 1024;

/** Reads the items of an archive in S3 one by one. Throws what the storage throws: an outage is not a damaged item. */
export function createObjectEntryReader(storage: ObjectStorage): EntryReader {
  return entryReaderOf({
    async readMember(file, offset) {
      return (await readGzipMember({ disk: windowOn(storage) }, { path: file, offset }))?.content;
    },
    readPlain: async ({ file, offset = 0, size }) => storage.readAt(file, offset, size),
  });
}

/** Small reads, one after the other, out of large ones. What is missing is empty. */
function windowOn(storage: ObjectStorage): { readAt(key: string, position: number, length: number): Promise<Buffer> } {
  let start = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return {
    async readAt(key, position, length) {
      const isLast = bytes.length > 0 && bytes.length < WINDOW;
      if (position < start || (position + length > start + bytes.length && !isLast)) {
        start = position;
        bytes = (await storage.readAt(key, position, Math.max(length, WINDOW))) ?? Buffer.alloc(0);
      }
      return bytes.subarray(position - start, position - start + length);
    },
  };
}
