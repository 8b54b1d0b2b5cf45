import { hash } from 'node:crypto';

/** Share of slots in use at which the table doubles: beyond it, the search for a free slot gets long. */
const FULL = 0.7;

/**
 * Numbers by text, in 12 bytes a slot instead of the hundreds of a Map of strings: a million names fit in 24 MB. Only
 * 64 bits of each text's SHA-256 are kept; the odds that any two of a million texts collide are one in 37 million.
 */
export class HashTable {
  /** Two words a slot; a free slot has two zeros. */
  #hashes = new Uint32Array(2 * 1024);
  #values = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.get(text) !== undefined;
  }

  get(text: string): number | undefined {
    const [high, low] = hashOf(text);
    const slot = this.#slotOf(high, low);
    return this.#isFree(slot) ? undefined : this.#values[slot];
  }

  /** Sets a number from 0 to 2^32 - 1; true when the text is new. */
  set(text: string, value = 0): boolean {
    if (this.#size >= this.#values.length * FULL) this.#grow();
    const [high, low] = hashOf(text);
    const slot = this.#slotOf(high, low);
    const isNew = this.#isFree(slot);
    if (isNew) this.#fill(slot, high, low);
    this.#values[slot] = value;
    return isNew;
  }

  #fill(slot: number, high: number, low: number): void {
    this.#hashes[2 * slot] = high;
    this.#hashes[2 * slot + 1] = low;
    this.#size++;
  }

  #isFree(slot: number): boolean {
    return this.#hashes[2 * slot] === 0 && this.#hashes[2 * slot + 1] === 0;
  }

  /** The slot that holds this hash, or the free slot where it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#values.length - 1;
    let slot = low & mask;
    while (!this.#isFree(slot) && (this.#hashes[2 * slot] !== high || this.#hashes[2 * slot + 1] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const values = this.#values;
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#values = new Uint32Array(values.length * 2);
    this.#size = 0;
    for (let slot = 0; slot < values.length; slot++) {
      const high = hashes[2 * slot] ?? 0;
      const low = hashes[2 * slot + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const target = this.#slotOf(high, low);
      this.#fill(target, high, low);
      this.#values[target] = values[slot] ?? 0;
    }
  }
}

function hashOf(text: string): [high: number, low: number] {
  const digest = hash('sha256', text, 'buffer');
  // Two zeros would mean a free slot.
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}
