import { hash } from 'node:crypto';
import type { LinePlace } from '../journal/prunes.js';
import { LINE_FEED } from '../lib/lines.js';
import type { ItemEntry } from '../ports/index.js';

/** An item line and its place in the journal. */
export interface Located {
  readonly entry: ItemEntry;
  /** The place in text. */
  readonly journal: string;
  readonly place: LinePlace;
  /** The item may be missing. */
  readonly isPruned: boolean;
}

/** The ranges to read, in order. The lines of a gzip member share its offset; uncompressed lines of a page are one range. */
export function byteRanges(items: readonly Located[]): [offset: number, lines: Located[]][] {
  const members = groupBy(items, ({ entry }) => (entry.line === undefined ? -1 : (entry.offset ?? 0)));
  return [...members.values()]
    .map((lines): [number, Located[]] => {
      const sorted = lines.toSorted((a, b) => orderOf(a.entry) - orderOf(b.entry));
      return [sorted[0]?.entry.offset ?? 0, sorted];
    })
    .toSorted(([a], [b]) => a - b);
}

function orderOf(entry: ItemEntry): number {
  return entry.line ?? entry.offset ?? 0;
}

/** What is wrong with a range that should consist of exactly these lines, in this order. */
export function compare(content: Buffer, start: number, lines: readonly Pick<Located, 'entry'>[]): string | undefined {
  let position = 0;
  for (const [index, { entry }] of lines.entries()) {
    const isNext = entry.line === undefined ? entry.offset === start + position : entry.line === index;
    if (!isNext) return `holds a line ${index} that is not listed`;
    const line = content.subarray(position, position + entry.size);
    position += entry.size;
    if (hash('sha256', line) !== entry.sha256 || content[position] !== LINE_FEED) {
      return `differs from what was archived in line ${index}`;
    }
    position++;
  }
  return position === content.length ? undefined : `holds ${content.length - position} bytes that no line lists`;
}

export function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
