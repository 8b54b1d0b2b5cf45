import type { ObjectStorage } from '../ports/index.js';

/** Requests to S3 by what they are billed as; retries are not counted. */
export interface RequestCounts {
  put: number;
  get: number;
  list: number;
  delete: number;
}

/** Objects of one answer to ListObjectsV2. */
const PAGE = 1000;

/** The same storage, with its calls counted in `counts`. */
export function countedStorage(storage: ObjectStorage, counts: RequestCounts): ObjectStorage {
  return {
    create(key, content) {
      counts.put++;
      return storage.create(key, content);
    },
    read(key, limit) {
      counts.get++;
      return storage.read(key, limit);
    },
    readAt(key, position, length) {
      counts.get++;
      return storage.readAt(key, position, length);
    },
    async *list(prefix, options) {
      counts.list++;
      let objects = 0;
      for await (const object of storage.list(prefix, options)) {
        if (objects > 0 && objects % PAGE === 0) counts.list++;
        objects++;
        yield object;
      }
    },
    delete(key) {
      counts.delete++;
      return storage.delete(key);
    },
  };
}
