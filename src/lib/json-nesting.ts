export const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
export const [OPEN, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x5b, 0x5d];
const CLOSE = 0x7d;

/** Tracks strings and the depth of brackets in a JSON text. */
export class Nesting {
  inString = false;
  isEscaped = false;
  #depth = 0;

  /** True when this next byte closes the outermost bracket. */
  take(byte: number): boolean {
    if (this.inString) {
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) this.inString = false;
      return false;
    }
    if (byte === QUOTE) this.inString = true;
    else if (byte === OPEN || byte === OPEN_ARRAY) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_ARRAY) return --this.#depth === 0;
    return false;
  }
}
