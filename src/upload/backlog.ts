import type { JournalPlace, SegmentLength } from '../ports/index.js';

/** A closed segment and the part of the journal that has its item lines. */
export interface ClosedSegment {
  readonly file: string;
  readonly length: number;
  /** Undefined: the journal's beginning. */
  readonly begin: JournalPlace | undefined;
  readonly end: JournalPlace;
}

/** The segments that are not uploaded yet, and where in the journal they begin. */
export class Backlog {
  /** Of open segments and of `#closed`. */
  readonly #begun = new Map<string, JournalPlace | undefined>();
  readonly #closed = new Map<string, ClosedSegment>();
  /** They wait for the next start. */
  readonly #setAside = new Set<string>();

  /** Bytes and number of the closed segments that wait for their upload. */
  bytes = 0;
  segments = 0;

  /** An open segment gets its first bytes after this place. */
  begin(file: string, place: JournalPlace | undefined): void {
    if (!this.#begun.has(file)) this.#begun.set(file, place);
  }

  /** `end`: the journal has all item lines of the segment before this place. */
  close({ file, length }: SegmentLength, end: JournalPlace): void {
    if (this.#closed.has(file)) return;
    const begin = this.#begun.get(file);
    this.#begun.set(file, begin);
    this.#closed.set(file, { file, length, begin, end });
    this.bytes += length;
    this.segments++;
  }

  /** The next segment to upload: the one that was closed first. */
  next(): ClosedSegment | undefined {
    for (const segment of this.#closed.values()) if (!this.#setAside.has(segment.file)) return segment;
    return undefined;
  }

  /** The segment is done with until the next start, which finds it again. */
  setAside(file: string): void {
    if (this.#setAside.has(file)) return;
    this.#setAside.add(file);
    this.#count(file);
  }

  /** The next start need not find the segment. */
  remove(file: string): void {
    if (!this.#setAside.delete(file)) this.#count(file);
    this.#closed.delete(file);
    this.#begun.delete(file);
  }

  /** Where the next start has to begin to find every segment of the backlog; `end` is the journal's end. */
  upTo(end: JournalPlace | undefined): JournalPlace | undefined {
    let first = end;
    for (const place of this.#begun.values()) {
      if (place === undefined) return undefined;
      if (first === undefined || isBefore(place, first)) first = place;
    }
    return first;
  }

  #count(file: string): void {
    const length = this.#closed.get(file)?.length;
    if (length === undefined) return;
    this.bytes -= length;
    this.segments--;
  }
}

function isBefore(a: JournalPlace, b: JournalPlace): boolean {
  return a.file < b.file || (a.file === b.file && a.offset < b.offset);
}
