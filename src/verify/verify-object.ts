import { manifestBatches } from '../archive/decode-manifest.js';
import { readGzipMember } from '../archive/gzip-member.js';
import { MAX_LINES, MAX_PIECE } from '../archive/limits.js';
import { objectWindow } from '../archive/object-window.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { compare } from './byte-ranges.js';

interface ObjectInput {
  readonly storage: Pick<ObjectStorage, 'readAt'>;
  /** The manifest, and its key. */
  readonly content: Buffer;
  readonly key: string;
  /** The data object. */
  readonly file: string;
  /** Whether the data are read. */
  readonly reads: boolean;
  readonly onEntries: (entries: readonly ItemEntry[]) => void;
}

/**
 * What is wrong with a data object, whose lines must be exactly those that its manifest lists, in this order. Holds one gzip
 * member at a time. Throws JOURNAL for a damaged manifest, once it has passed on the entries before the damage.
 */
export async function problemOfObject(input: ObjectInput): Promise<string | undefined> {
  const { content, key, reads, onEntries } = input;
  const data = new DataCheck(input);
  let problem: string | undefined;
  for await (const entries of manifestBatches(content, { key })) {
    onEntries(entries);
    for (const entry of reads ? entries : []) {
      if (data.isComplete(entry)) problem ??= await data.checkMember();
      problem ??= data.take(entry);
    }
  }
  return reads ? (problem ?? (await data.finish())) : undefined;
}

/** Compares the gzip members of a data object, one after the other, with the lines that are listed. */
class DataCheck {
  readonly #file: string;
  readonly #disk: ReturnType<typeof objectWindow>;
  /** The lines of the member that is being listed. */
  #lines: ItemEntry[] = [];
  /** Bytes of these lines. */
  #listed = 0;
  /** The end of the member before. */
  #end = 0;

  constructor({ storage, file }: ObjectInput) {
    this.#file = file;
    this.#disk = objectWindow(storage);
  }

  /** True when `entry` lies in another member than the lines so far. */
  isComplete({ offset }: ItemEntry): boolean {
    const [first] = this.#lines;
    return first !== undefined && first.offset !== offset;
  }

  take(entry: ItemEntry): string | undefined {
    if (entry.offset === undefined || entry.line === undefined) return 'has an item without a place in its manifest';
    this.#lines.push(entry);
    this.#listed += entry.size + 1;
    const isTooLarge = this.#listed > MAX_PIECE || this.#lines.length > MAX_LINES;
    return isTooLarge ? `has a gzip member at byte ${entry.offset} that is larger than any can be` : undefined;
  }

  /** What is wrong with the member of the lines so far. */
  async checkMember(): Promise<string | undefined> {
    const lines = this.#lines;
    const limit = this.#listed;
    const offset = lines[0]?.offset ?? 0;
    this.#lines = [];
    this.#listed = 0;
    if (offset !== this.#end) return `has other bytes than are listed between ${this.#end} and ${offset}`;
    // Nothing larger than what is listed is ever read.
    const member = await readGzipMember({ disk: this.#disk }, { path: this.#file, offset, limit });
    if (member === undefined) return `has a damaged gzip member at byte ${offset}`;
    this.#end = member.end;
    const problem = compare(
      member.content,
      offset,
      lines.map((entry) => ({ entry, journal: '' })),
    );
    return problem && `${problem}, in the gzip member at byte ${offset}`;
  }

  /** What is wrong with the last member, or behind it. */
  async finish(): Promise<string | undefined> {
    const problem = this.#lines.length === 0 ? undefined : await this.checkMember();
    if (problem !== undefined) return problem;
    const rest = await this.#disk.readAt(this.#file, this.#end, 1);
    return rest.length === 0 ? undefined : `has bytes from ${this.#end} on that are not listed`;
  }
}
