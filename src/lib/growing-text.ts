const FIRST_CAPACITY = 64 * 1024;
/** A larger text is rare, and its memory is not kept. */
const MAX_KEPT = 4 * 1024 * 1024;
/** Texts that are kept: few are put together at the same time, also with many tables. */
const MAX_SPARE = 2;

const spare: GrowingText[] = [];

/**
 * Lends an empty text to `use`. Afterwards others get its memory, so nothing may need its bytes any more: texts of their own
 * took 15 MB more for a million records from 1,000 shards.
 */
export async function withText<T>(use: (text: GrowingText) => Promise<T>): Promise<T> {
  const text = spare.pop() ?? new GrowingText();
  try {
    return await use(text);
  } finally {
    text.clear();
    if (spare.length < MAX_SPARE) spare.push(text);
  }
}

/** Text that is put together in UTF-8, without a copy of it as a string. */
export class GrowingText {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  add(text: string): void {
    // A unit of UTF-16 takes at most three bytes.
    const needed = this.#length + text.length * 3;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Begins anew, in the same memory. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > MAX_KEPT) this.#bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  }

  /** The bytes from `start` on. They stay the same when more is added, until `clear`. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#length);
  }
}
