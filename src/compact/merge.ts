import { constants } from 'node:zlib';
import { gzipMember } from '../archive/gzip-member.js';
import { encodeManifest } from '../archive/manifest.js';
import type { ItemEntry } from '../ports/index.js';
import type { IntactLine } from './intact-lines.js';
import { mergedName } from './merged-name.js';

/** Bytes of a merged data object, about: one read holds it in memory, and a Lambda function may have to read it. */
export const TARGET = 64 * 1024 * 1024;
/** Items of a merged object: a reader inflates its manifest, in which each takes some 400 bytes. */
export const MAX_ITEMS = 50_000;
/** Bytes of text in a gzip member: what a reader of one item gets and inflates. */
const MEMBER = 1024 * 1024;

/** A data object that is to be merged. */
export interface Source {
  readonly table: string;
  readonly failed?: string | undefined;
  readonly file: string;
  /** Bytes of the data object. */
  readonly size: number;
  readonly lines: readonly IntactLine[];
}

export interface MergedObject {
  readonly file: string;
  readonly data: Buffer;
  readonly manifest: Buffer;
}

/** Puts the lines of data objects of one hour together: each eventID once, in the order of the objects. */
export class Merge {
  readonly sources: Source[] = [];
  readonly #eventIDs = new Set<string>();
  readonly #entries: ItemEntry[] = [];
  // Its pages take no memory before they are written.
  #data = Buffer.allocUnsafeSlow(TARGET + TARGET / 4);
  #pending: IntactLine[] = [];
  #pendingSize = 0;
  #length = 0;
  #sourceSize = 0;

  /** False when the merged object would get too large, or belong to two tables. */
  takes({ table, size, lines }: Source): boolean {
    const [first] = this.sources;
    if (first === undefined) return true;
    return (
      first.table === table && this.#sourceSize + size <= TARGET && this.#eventIDs.size + lines.length <= MAX_ITEMS
    );
  }

  async add(source: Source): Promise<void> {
    this.sources.push({ ...source, lines: [] });
    this.#sourceSize += source.size;
    for (const line of source.lines) {
      const { eventID } = line.entry;
      if (this.#eventIDs.has(eventID)) continue;
      this.#eventIDs.add(eventID);
      this.#pending.push(line);
      this.#pendingSize += line.bytes.length;
      if (this.#pendingSize >= MEMBER) await this.#endMember();
    }
  }

  async finish(): Promise<MergedObject> {
    await this.#endMember();
    const data = this.#data.subarray(0, this.#length);
    const merged = this.sources.map(({ file }) => file);
    const file = mergedName(this.#entries, { merged, data });
    const table = this.sources[0]?.table ?? '';
    const failed = this.sources.findLast((source) => source.failed !== undefined)?.failed;
    return { file, data, manifest: await encodeManifest({ table, file, merged, failed }, this.#entries) };
  }

  async #endMember(): Promise<void> {
    const lines = this.#pending;
    if (lines.length === 0) return;
    this.#pending = [];
    this.#pendingSize = 0;
    const text = Buffer.concat(lines.flatMap(({ bytes }) => [bytes, LINE_END]));
    // Nobody waits for it, and it is read for years.
    const member = await gzipMember(text, constants.Z_DEFAULT_COMPRESSION);
    for (const [line, { entry }] of lines.entries()) this.#entries.push({ ...entry, offset: this.#length, line });
    if (this.#length + member.length > this.#data.length)
      this.#data = Buffer.concat([this.#data, Buffer.alloc(TARGET)]);
    member.copy(this.#data, this.#length);
    this.#length += member.length;
  }
}

const LINE_END = Buffer.from('\n');
