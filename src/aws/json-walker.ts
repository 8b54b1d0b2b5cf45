const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;
const ZERO = 0x30;
const NINE = 0x39;

// Four bytes at a time.
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;
const QUOTES = QUOTE * ONES;
const BACKSLASHES = BACKSLASH * ONES;
const SPACES = SPACE * ONES;

/** DynamoDB allows 32 levels, which are two each here. */
const MAX_DEPTH = 100;

/** Thrown when the text is not JSON, or has to be parsed to be understood. */
export const NOT_WALKABLE = new Error('not JSON without whitespace');

/** Bytes that JSON.stringify would write otherwise. */
export interface Correction {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Bytes to compare with, also as words of four bytes. */
export interface Pattern {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** A member's name with its colon. */
export function namePattern(name: string): Pattern {
  return patternOf(Buffer.from(`${JSON.stringify(name)}:`));
}

export function patternOf(bytes: Buffer): Pattern {
  return { bytes, words: Int32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(index * 4)) };
}

/** A member that is looked for. `read` returns the byte after its value; `reader` is whoever looks for it. */
export interface Member<Reader> {
  /** With its quotes and its colon. */
  readonly name: Pattern;
  readonly read: (reader: Reader, start: number) => number;
}

/**
 * Walks over JSON without whitespace in valid UTF-8, and makes nothing of it. Its methods are told where a value begins,
 * and return the byte after it, or throw NOT_WALKABLE. What they pass in full is valid JSON. Only members
 * of items that are sent twice go unnoticed.
 */
export class JsonWalker {
  readonly bytes: Buffer;
  /** Escapes since the list was last emptied that JSON.stringify would not write. What it would write is never longer. */
  corrections: Correction[] = [];
  /** Since it was last set to false there was a name that JavaScript moves to the front of its object. */
  isReordered = false;

  readonly #view: DataView;
  /** The last byte at which four bytes begin. */
  readonly #lastWord: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lastWord = bytes.length - 4;
  }

  /** Anything but a number: items have none. */
  value(start: number, depth = 0): number {
    const first = this.bytes[start];
    if (first === QUOTE) return this.text(start);
    if (first === OPEN_OBJECT) return this.object(start, depth);
    return first === OPEN_LIST ? this.list(start, depth) : this.#literal(start);
  }

  object(start: number, depth = 0): number {
    return this.#object(start, depth, false);
  }

  /** An object all of whose members are objects. */
  item(start: number): number {
    return this.#object(start, 0, true);
  }

  #object(start: number, depth: number, isItem: boolean): number {
    const { bytes } = this;
    if (bytes[start] !== OPEN_OBJECT || depth > MAX_DEPTH) throw NOT_WALKABLE;
    let at = start + 1;
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    for (; ; at++) {
      const colon = this.text(at);
      if (bytes[colon] !== COLON) throw NOT_WALKABLE;
      if (isDigit(bytes[at + 1]) && this.#isIndex(at + 1, colon - 1)) this.isReordered = true;
      at = isItem ? this.#object(colon + 1, depth + 1, false) : this.value(colon + 1, depth + 1);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) throw NOT_WALKABLE;
    }
  }

  list(start: number, depth = 0, read: (start: number, depth: number) => number = this.#element): number {
    const { bytes } = this;
    if (bytes[start] !== OPEN_LIST || depth > MAX_DEPTH) throw NOT_WALKABLE;
    let at = start + 1;
    if (bytes[at] === CLOSE_LIST) return at + 1;
    for (; ; at++) {
      at = read(at, depth + 1);
      if (bytes[at] === CLOSE_LIST) return at + 1;
      if (bytes[at] !== COMMA) throw NOT_WALKABLE;
    }
  }

  readonly #element = (start: number, depth: number): number => this.value(start, depth);

  /** An object whose members are read as `wanted` says, each at most once. The one after the last one found is expected next. */
  members<Reader>(start: number, wanted: readonly Member<Reader>[], reader: Reader): number {
    const { bytes } = this;
    if (bytes[start] !== OPEN_OBJECT) throw NOT_WALKABLE;
    let at = start + 1;
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    let found = 0;
    for (let expected = 0; ; at++) {
      const index = this.#memberAt(at, wanted, expected);
      const member = wanted[index];
      if (member === undefined) at = this.#other(at);
      else {
        if ((found & (1 << index)) !== 0) throw NOT_WALKABLE;
        found |= 1 << index;
        at = member.read(reader, at + member.name.bytes.length);
        expected = index + 1;
      }
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) throw NOT_WALKABLE;
    }
  }

  #memberAt(start: number, wanted: readonly Pick<Member<never>, 'name'>[], expected: number): number {
    const next = wanted[expected];
    if (next !== undefined && this.holds(start, next.name)) return expected;
    // Not `findIndex`: for its closure every call would allocate, also those that do not come here.
    for (let index = 0; index < wanted.length; index++) {
      const member = wanted[index];
      if (member !== undefined && this.holds(start, member.name)) return index;
    }
    return -1;
  }

  /** A member that nobody wants, with its name in its plainest form. One that is sent as null, which means absent, is left to the parser. */
  #other(start: number): number {
    const colon = this.plainText(start);
    if (this.bytes[colon] !== COLON) throw NOT_WALKABLE;
    const first = this.bytes[colon + 1];
    if (first === 0x6e) throw NOT_WALKABLE;
    return first === MINUS || isDigit(first) ? this.number(colon + 1) : this.value(colon + 1);
  }

  text(start: number): number {
    const { bytes } = this;
    if (bytes[start] !== QUOTE) throw NOT_WALKABLE;
    for (let at = this.#skipOrdinary(start + 1); ; at = this.#skipOrdinary(at)) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at = this.#escape(at);
      else if (byte < SPACE) throw NOT_WALKABLE;
      else at++;
    }
  }

  /** Goes on while four bytes in a row are neither a quote nor a backslash nor a control character. */
  #skipOrdinary(start: number): number {
    let at = start;
    while (at <= this.#lastWord) {
      const word = this.#view.getInt32(at, true);
      const quote = word ^ QUOTES;
      const backslash = word ^ BACKSLASHES;
      // The high bit of a byte is set when the byte was 0 (or below a space); now and then one more is, which does no harm.
      const special = ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - SPACES) & ~word);
      if ((special & HIGH_BITS) !== 0) break;
      at += 4;
    }
    return at;
  }

  /** A text of printable ASCII characters without any escape. */
  plainText(start: number): number {
    const { bytes } = this;
    if (bytes[start] !== QUOTE) throw NOT_WALKABLE;
    for (let at = start + 1; ; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) return at + 1;
      if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) throw NOT_WALKABLE;
    }
  }

  /** A text of digits: at least one, at most `max`. */
  digitText(start: number, max: number): number {
    const { bytes } = this;
    if (bytes[start] !== QUOTE) throw NOT_WALKABLE;
    let at = start + 1;
    while (isDigit(bytes[at])) at++;
    if (bytes[at] !== QUOTE || at === start + 1 || at - start - 1 > max) throw NOT_WALKABLE;
    return at + 1;
  }

  /** A number in any form that JSON allows. */
  number(start: number): number {
    const { bytes } = this;
    const first = bytes[start] === MINUS ? start + 1 : start;
    let at = this.#digits(first);
    if (bytes[first] === ZERO && at > first + 1) throw NOT_WALKABLE;
    if (bytes[at] === 0x2e) at = this.#digits(at + 1);
    if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return at;
    at++;
    return this.#digits(bytes[at] === 0x2b || bytes[at] === MINUS ? at + 1 : at);
  }

  #digits(start: number): number {
    let at = start;
    while (isDigit(this.bytes[at])) at++;
    if (at === start) throw NOT_WALKABLE;
    return at;
  }

  /** An escape, or the two of a surrogate pair. */
  #escape(start: number): number {
    const { bytes } = this;
    // Almost all: a quote, a backslash, a line feed.
    if (SHORT_ESCAPES.includes(bytes[start + 1] ?? 0)) return start + 2;
    const [sent] = ESCAPE.exec(bytes.toString('latin1', start, start + 12)) ?? [];
    if (sent === undefined) throw NOT_WALKABLE;
    const end = start + sent.length;
    const usual = JSON.stringify(JSON.parse(`"${sent}"`)).slice(1, -1);
    if (usual !== sent) this.corrections.push({ start, end, bytes: Buffer.from(usual) });
    return end;
  }

  #literal(start: number): number {
    for (const literal of LITERALS) if (this.holds(start, literal)) return start + literal.bytes.length;
    throw NOT_WALKABLE;
  }

  /** The first byte of a member's value; 0 without the member. The object has been walked over before. */
  find(start: number, name: Pattern): number {
    if (this.bytes[start + 1] === CLOSE_OBJECT) return 0;
    for (let at = start + 1; ; at++) {
      if (this.holds(at, name)) return at + name.bytes.length;
      at = this.value(this.text(at) + 1);
      if (this.bytes[at] !== COMMA) return 0;
    }
  }

  #isIndex(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (!isDigit(this.bytes[at])) return false;
    return true;
  }

  /** True when the bytes at `start` are these. */
  holds(start: number, { bytes: expected, words }: Pattern): boolean {
    if (start + expected.length > this.bytes.length) return false;
    for (let index = 0; index < words.length; index++)
      if (this.#view.getInt32(start + index * 4, true) !== words[index]) return false;
    for (let index = words.length * 4; index < expected.length; index++)
      if (this.bytes[start + index] !== expected[index]) return false;
    return true;
  }
}

const LITERALS = ['true', 'false', 'null'].map((literal) => patternOf(Buffer.from(literal)));
/** Characters for which JSON.stringify writes an escape of its own. */
const SHORT_ESCAPES = Buffer.from('"\\bfnrt');
const ESCAPE = /^\\(?:\/|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/;

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte <= NINE;
}
