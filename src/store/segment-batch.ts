import { hash } from 'node:crypto';
import { gzipMember } from '../archive/gzip-member.js';
import { partitionOf } from '../archive/layout.js';
import { MAX_PIECE } from '../archive/limits.js';
import type { ArchivedItem, Format } from '../ports/index.js';
import { ItemLine } from './item-line.js';

/** The items of one page that were deleted in the same hour, appended to one segment in one piece. */
export interface SegmentBatch {
  /** `year=YYYY/month=MM/day=DD/hour=HH` */
  readonly folder: string;
  readonly first: ArchivedItem;
  readonly items: number;
  readonly bytes: Buffer;
  /** The journal's entries for the batch at `offset` of `file`; `index` is an item's position in the page. */
  entriesAt(file: string, offset: number): { readonly index: number; readonly entry: ItemLine }[];
}

export interface LineOptions {
  readonly format: Format;
  readonly compress: 'gzip' | 'none';
}

interface Line {
  readonly index: number;
  readonly item: ArchivedItem;
}

/** What is written around an item. DynamoDB's own export and import format wraps it. */
const LINES = {
  item: { before: Buffer.from('{"Item":'), after: Buffer.from('}\n') },
  other: { before: Buffer.alloc(0), after: Buffer.from('\n') },
};

/** More than is written around an item. */
const LINE_ROOM = 16;

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
    const line = { index, item };
    const length = item.body.length + LINE_ROOM;
    const batch = growing.get(latest);
    if (batch !== undefined && batch.length + length <= MAX_PIECE) {
      batch.lines.push(line);
      batch.length += length;
    } else {
      const lines = [line];
      growing.set(latest, { lines, length });
      batches.push({ folder: latest, lines });
    }
  }
  return Promise.all(batches.map(({ folder, lines }) => batchOf(folder, lines, options)));
}

async function batchOf(
  folder: string,
  lines: readonly Line[],
  { format, compress }: LineOptions,
): Promise<SegmentBatch> {
  const [first] = lines;
  if (first === undefined) throw new TypeError('a batch has at least one line');
  const { before, after } = format === 'item' ? LINES.item : LINES.other;
  const around = before.length + after.length;
  const content = Buffer.allocUnsafe(lines.reduce((sum, { item }) => sum + item.body.length + around, 0));
  let end = 0;
  const placed = lines.map(({ index, item: { record, body } }) => {
    const start = end;
    content.set(before, start);
    content.set(body, start + before.length);
    end = start + before.length + body.length + after.length;
    content.set(after, end - after.length);
    const size = end - 1 - start;
    return { index, record, sha256: hash('sha256', content.subarray(start, end - 1), 'hex'), size, start };
  });
  const zipped = compress === 'gzip';
  return {
    folder,
    first: first.item,
    items: lines.length,
    bytes: zipped ? await gzipMember(content) : content,
    entriesAt: (file, offset) =>
      placed.map(({ index, record, sha256, size, start }, line) => {
        const place = zipped ? { file, sha256, size, line, offset } : { file, sha256, size, offset: offset + start };
        return { index, entry: new ItemLine(place, record) };
      }),
  };
}
