import type { ObjectStorage } from '../../src/ports/index.js';

/** What the storage is asked to do; `key` is the prefix in a listing. */
interface StorageCall {
  readonly operation: 'create' | 'read' | 'readAt' | 'list' | 'delete';
  readonly key: string;
}

/** Called before (`false`) and after (`true`) each call has its effect; may throw, or never resolve, as a process that is killed. */
export type StorageFault = (call: StorageCall, done: boolean) => Promise<void> | void;

/** Objects in memory, for all storages that share `objects`. */
export function memoryStorage(
  objects = new Map<string, Buffer>(),
  fault: StorageFault = () => undefined,
): ObjectStorage {
  const through = async <T>(call: StorageCall, work: () => T): Promise<T> => {
    await fault(call, false);
    const result = work();
    await fault(call, true);
    return result;
  };
  const found = (key: string): Buffer | undefined => objects.get(key);
  return {
    create: (key, content) =>
      through({ operation: 'create', key }, () => {
        if (found(key) !== undefined) return 'exists';
        objects.set(key, Buffer.from(content));
        return 'created';
      }),
    read: (key, limit) =>
      through({ operation: 'read', key }, () => {
        const content = found(key);
        if (content !== undefined && content.length > limit) throw new RangeError(`${key} is longer than ${limit}`);
        return content && Buffer.from(content);
      }),
    readAt: (key, position, length) =>
      through({ operation: 'readAt', key }, () => {
        const content = found(key);
        return content && Buffer.from(content.subarray(position, position + length));
      }),
    async *list(prefix, { after = '' } = {}) {
      const listed = await through({ operation: 'list', key: prefix }, () =>
        [...objects].filter(
          ([key]) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
        ),
      );
      for (const [key, { length }] of listed.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
        yield { key, size: length };
      }
    },
    delete: (key) => through({ operation: 'delete', key }, () => void objects.delete(key)),
  };
}
