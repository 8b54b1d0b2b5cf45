import { BACKSLASH, CLOSE_ARRAY, COMMA, Nesting, OPEN, OPEN_ARRAY, QUOTE } from './json-nesting.js';
import { LINE_FEED } from './lines.js';

/** A piece of text that should be a JSON value; parsing it shows whether it is. */
export interface JsonValue {
  readonly text: string;
  /** The line on which it begins, and its number among the values of that line, both from 1. */
  readonly line: number;
  readonly nth: number;
  /** It is longer than the limit, and `text` is empty. */
  readonly tooLong?: true;
}

interface Rules {
  /** Maximum bytes of one value. */
  readonly limit: number;
  /** True for a text that is complete in itself; an unclosed value before it is then damaged. */
  readonly isWhole: (text: string) => boolean;
}

/**
 * Splits a stream of UTF-8 into its JSON objects: one a line, over many lines, one after the other without a line break,
 * or as the elements of one array. Damage costs no more than its line. Holds one value in memory.
 */
export class JsonValues {
  readonly #rules: Rules;
  #room: Buffer = Buffer.alloc(0);
  #bytes: Buffer = this.#room;
  #position = 0;
  /** Where the current value begins; -1 between values. */
  #start = -1;
  #startLine = 1;
  #isObject = false;
  #scan = new Nesting();
  /** A line inside the current value that may be a value of its own. */
  #other: Other | undefined;
  #afterLineFeed = false;
  #skipping = false;
  #line = 1;
  #nth = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** The values that are complete with these bytes. */
  push(chunk: Uint8Array): JsonValue[] {
    this.#append(chunk);
    const found: JsonValue[] = [];
    const bytes = this.#bytes;
    for (; this.#position < bytes.length; this.#position++) {
      this.#passString();
      const byte = bytes[this.#position];
      if (byte === undefined) break;
      if (this.#skipping) this.#skip(byte);
      else if (this.#start < 0) this.#begin(byte);
      else if (this.#isObject) this.#inObject(byte, found);
      else this.#inMalformed(byte, found);
    }
    if (this.#start >= 0 && this.#position - this.#start > this.#rules.limit) {
      found.push({ ...this.#value(this.#start), tooLong: true });
      this.#skipping = true;
    }
    return found;
  }

  /** The unfinished value at the end of the stream, if any. */
  end(): JsonValue[] {
    return this.#start >= 0 ? [this.#value(this.#position)] : [];
  }

  /** Appends to the rest of the current value, with spare room, so that a long value is not copied for each chunk. */
  #append(chunk: Uint8Array): void {
    const keep = this.#start < 0 ? this.#position : this.#start;
    const { length } = this.#bytes;
    const rest = length - keep;
    if (rest > 0 && this.#room.length - length >= chunk.length) {
      this.#room.set(chunk, length);
      this.#bytes = this.#room.subarray(0, length + chunk.length);
      return;
    }
    this.#room = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (rest > 0) {
      this.#room = Buffer.allocUnsafe(2 * (rest + chunk.length));
      this.#bytes.copy(this.#room, 0, keep);
      this.#room.set(chunk, rest);
    }
    this.#bytes = this.#room.subarray(0, rest + chunk.length);
    this.#position -= keep;
    if (this.#start >= 0) this.#start -= keep;
    if (this.#other !== undefined) this.#other.start -= keep;
  }

  /** Nearly all bytes are in strings: skips to the next one that matters there. */
  #passString(): void {
    const { inString, isEscaped } = this.#scan;
    if (this.#start < 0 || !this.#isObject || this.#skipping) return;
    if (!inString || isEscaped || this.#other !== undefined) return;
    let position = this.#position;
    for (const bytes = this.#bytes; position < bytes.length; position++) {
      const byte = bytes[position];
      if (byte === QUOTE || byte === BACKSLASH || byte === LINE_FEED) break;
    }
    this.#position = position;
  }

  #begin(byte: number): void {
    if (byte === LINE_FEED) this.#countLine();
    if (byte <= 0x20 || byte === COMMA || byte === OPEN_ARRAY || byte === CLOSE_ARRAY) return;
    this.#start = this.#position;
    this.#startLine = this.#line;
    this.#isObject = byte === OPEN;
    this.#scan = new Nesting();
    this.#scan.take(byte);
  }

  #inObject(byte: number, found: JsonValue[]): void {
    if (byte === LINE_FEED) {
      // JSON has no line feed in a string: the line is damaged.
      if (this.#scan.inString) found.push(this.#value(this.#position));
      this.#countLine();
      this.#afterLineFeed = this.#start >= 0;
      this.#other = undefined;
      return;
    }
    if (this.#afterLineFeed) {
      this.#afterLineFeed = false;
      if (byte === OPEN) this.#other = { start: this.#position, line: this.#line, scan: new Nesting() };
    }
    if (this.#scan.take(byte)) found.push(this.#value(this.#position + 1));
    else if (this.#other?.scan.take(byte) === true) this.#endOther(this.#other, found);
  }

  #endOther({ start, line }: Other, found: JsonValue[]): void {
    this.#other = undefined;
    const text = this.#bytes.toString('utf8', start, this.#position + 1);
    if (!this.#rules.isWhole(text)) return;
    found.push(this.#value(start), { text, line, nth: 1 });
    this.#nth = 1;
  }

  /** Text that is not an object extends to the next object, or to the end of its line. */
  #inMalformed(byte: number, found: JsonValue[]): void {
    if (byte !== LINE_FEED && byte !== OPEN) return;
    found.push(this.#value(this.#position));
    this.#begin(byte);
  }

  #skip(byte: number): void {
    if (byte !== LINE_FEED) return;
    this.#skipping = false;
    this.#countLine();
  }

  /** Ends the current value before `end`. */
  #value(end: number): JsonValue {
    const text = this.#bytes.toString('utf8', this.#start, end).trimEnd();
    const isOnLine = this.#startLine === this.#line;
    this.#nth = isOnLine ? this.#nth + 1 : 0;
    this.#start = -1;
    this.#other = undefined;
    this.#afterLineFeed = false;
    return { text, line: this.#startLine, nth: isOnLine ? this.#nth : 1 };
  }

  #countLine(): void {
    this.#line++;
    this.#nth = 0;
  }
}

interface Other {
  start: number;
  readonly line: number;
  readonly scan: Nesting;
}
