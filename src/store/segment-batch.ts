import { hash } from 'node:crypto';
import { gzipMember } from '../archive/gzip-member.js';
import { partitionOf } from '../archive/layout.js';
import { MAX_PIECE } from '../archive/limits.js';
import type { ArchivedItem, Format, ItemEntry } from '../ports/index.js';

/** The items of one page that were deleted in the same hour, appended to one segment in one piece. */
export interface SegmentBatch {
  /** `year=YYYY/month=MM/day=DD/hour=HH` */
  readonly folder: string;
  readonly first: ArchivedItem;
  readonly items: number;
  readonly bytes: Buffer;
  /** The journal's entries for the batch at `offset` of `file`; `index` is an item's position in the page. */
  entriesAt(file: string, offset: number): { readonly index: number; readonly entry: ItemEntry }[];
}

export interface LineOptions {
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
}

interface Line {
  readonly index: number;
  readonly item: ArchivedItem;
  readonly text: string;
}

/** Characters of a batch, of at most four bytes each: a reader rejects more than MAX_PIECE bytes. */
const MAX_LENGTH = MAX_PIECE / 4;

/** The batches of a page: lines with their line feeds, as one gzip member each when compressed. */
export function batchesOf(items: readonly ArchivedItem[], options: LineOptions): Promise<SegmentBatch[]> {
  const batches: { readonly folder: string; readonly lines: Line[] }[] = [];
  const growing = new Map<string, { readonly lines: Line[]; length: number }>();
  let time = '';
  let latest = '';
  for (const [index, item] of items.entries()) {
    const { deletedAt } = item.record;
    if (deletedAt !== time) latest = partitionOf(deletedAt);
    time = deletedAt;
    // DynamoDB's own export and import format wraps an item.
    const line = { index, item, text: options.format === 'item' ? `{"Item":${item.body}}` : item.body };
    const batch = growing.get(latest);
    if (batch !== undefined && batch.length + line.text.length <= MAX_LENGTH) {
      batch.lines.push(line);
      batch.length += line.text.length;
    } else {
      const lines = [line];
      growing.set(latest, { lines, length: line.text.length });
      batches.push({ folder: latest, lines });
    }
  }
  return Promise.all(batches.map(({ folder, lines }) => batchOf(folder, lines, options.compress)));
}

async function batchOf(folder: string, lines: readonly Line[], compress: 'gzip' | 'none'): Promise<SegmentBatch> {
  const [first] = lines;
  if (first === undefined) throw new TypeError('a batch has at least one line');
  let start = 0;
  const placed = lines.map(({ index, item, text }) => {
    const place = {
      index,
      facts: item.record,
      sha256: hash('sha256', text, 'hex'),
      size: Buffer.byteLength(text),
      start,
    };
    start += place.size + 1;
    return place;
  });
  const content = lines.map(({ text }) => `${text}\n`).join('');
  const zipped = compress === 'gzip';
  return {
    folder,
    first: first.item,
    items: lines.length,
    bytes: zipped ? await gzipMember(content) : Buffer.from(content),
    entriesAt: (file, offset) =>
      placed.map(({ index, facts, sha256, size, start: within }, line) => ({
        index,
        // The spread comes last: V8 takes some four times as long for members after a spread.
        entry: zipped
          ? { file, sha256, size, line, offset, ...facts }
          : { file, sha256, size, offset: offset + within, ...facts },
      })),
  };
}
