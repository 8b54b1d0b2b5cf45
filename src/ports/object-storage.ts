import type { Bytes } from './disk.js';

/** An object of a listing. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Objects under one prefix of a bucket; keys are relative to that prefix. An object never changes: it is created whole,
 * once, or not at all. Throws TtlArchiveError; of the kind `retry` when the same call may succeed later, after the
 * implementation has retried it itself.
 */
export interface ObjectStorage {
  /**
   * Creates the object, durably, unless one of that key exists. `exists` may also mean that an earlier attempt of this
   * very call has created it, and its answer was lost.
   */
  create(key: string, content: Uint8Array): Promise<'created' | 'exists'>;
  /** The whole object; undefined when missing. Throws, without reading it, when it has more than `limit` bytes. */
  read(key: string, limit: number): Promise<Bytes | undefined>;
  /** `length` bytes (at least one) from `position`; fewer only at the object's end. Undefined when missing. */
  readAt(key: string, position: number, length: number): Promise<Bytes | undefined>;
  /**
   * The objects whose key begins with `prefix`, in the order of the bytes of their keys; with `after`, only those behind
   * that key, which need not exist.
   */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<StoredObject>;
  /** Deletes the object, if there is one. */
  delete(key: string): Promise<void>;
}
