const FIRST_CAPACITY = 64 * 1024;

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

  /** The bytes from `start` on. They stay the same when more is added. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#length);
  }
}
