import { createHash } from 'node:crypto';
import type { ItemEntry } from '../ports/index.js';
import { partitionOf } from './layout.js';

/** 128 bits: the name alone tells a data object from every other one. */
const HASH_LENGTH = 32;

/**
 * The key of a data object in S3, from the entries of its lines in their order: the time of the first deletion, and a hash
 * of which records there are, in which order, as which bytes.
 */
export class ObjectName {
  readonly #hash = createHash('sha256');
  #stem: string | undefined;

  add({ eventID, sha256, deletedAt }: ItemEntry): void {
    this.#stem ??= `${partitionOf(deletedAt)}/${deletedAt.replace(/\.\d+|[-:]/g, '')}`;
    this.#hash.update(`${JSON.stringify([eventID, sha256])}\n`);
  }

  /** To be called once, after the last entry. */
  key(): string {
    if (this.#stem === undefined) throw new TypeError('a data object has at least one line');
    return `${this.#stem}-${this.#hash.digest('hex').slice(0, HASH_LENGTH)}.json.gz`;
  }
}
