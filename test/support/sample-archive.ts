import { createHash } from 'node:crypto';
import { gzipMember } from '../../src/archive/gzip-member.js';
import { encodeLine, FIRST_PREV, hashOf } from '../../src/journal/journal-line.js';
import { readJournal } from '../../src/journal/read-journal.js';
import type { Disk, ItemEntry, JournalLine, JournalRecord, SegmentLength, WireItem } from '../../src/ports/index.js';

export interface SampleOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** Default: `Sample`. */
  readonly table?: string;
  readonly layout?: 'files' | 'segments';
  readonly compress?: boolean;
  /** Whether the last segment has its final name. */
  readonly closed?: boolean;
  readonly format?: 'item' | 'record' | 'plain';
  readonly pageSize?: number;
  readonly items: readonly WireItem[];
  /** Names of the key attributes. */
  readonly keys?: readonly string[];
}

/** 2026-11-24T00:00:00Z: the first sample item is deleted then, the next each a second later. */
export const SAMPLE_START = Date.UTC(2026, 10, 24);
export const SAMPLE_SEGMENT = 'year=2026/month=11/day=24/hour=00/sample-0';
const STREAM = 'arn:aws:dynamodb:ddblocal:000000000000:table/Sample/stream/2026-11-24T00:00:00.000';

/** Writes an archive as watch does, without its machinery: the journal, archive.json and the archived items. */
export async function writeSampleArchive(options: SampleOptions): Promise<ItemEntry[]> {
  const {
    disk,
    directory,
    items,
    layout = 'files',
    table = 'Sample',
    compress = true,
    closed = true,
    format = 'item',
  } = options;
  const { pageSize = 10, keys = ['PK'] } = options;
  const state = `${directory}/.ttl-archive`;
  for (const folder of ['tmp', 'open', 'journal']) await disk.makeDirectory(`${state}/${folder}`);
  await disk.makeDirectory(`${directory}/${SAMPLE_SEGMENT.slice(0, SAMPLE_SEGMENT.lastIndexOf('/'))}`);
  const about = { version: 1, table, layout, format, ttlAttribute: 'ttl' };
  await write(disk, `${state}/archive.json`, JSON.stringify(layout === 'files' ? about : { ...about, compress }));
  const segment = `${SAMPLE_SEGMENT}.json${compress ? '.gz' : ''}`;
  const segmentParts: Buffer[] = [];
  let length = 0;
  const entries: ItemEntry[] = [];
  const lines: JournalLine[] = [];
  for (let start = 0; start < items.length; start += pageSize) {
    const page = items.slice(start, start + pageSize);
    const bodies = page.map((item, index) => bodyOf(item, start + index, { layout, format, keys }));
    if (layout === 'segments') {
      const text = bodies.map((body) => `${body}\n`).join('');
      segmentParts.push(compress ? await gzipMember(text) : Buffer.from(text));
    }
    let offset = length;
    for (const [index, body] of bodies.entries()) {
      const number = start + index;
      const bytes = layout === 'files' ? `${body}\n` : body;
      const facts = factsOf(page[index] ?? {}, number, keys);
      const entry: ItemEntry = {
        ...facts,
        file: layout === 'files' ? fileNameOf(number) : segment,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        size: Buffer.byteLength(bytes),
        ...(layout === 'files' ? {} : compress ? { offset: length, line: index } : { offset }),
      };
      offset += entry.size + 1;
      entries.push(entry);
      lines.push({ type: 'item', ...entry });
      if (layout === 'files') await write(disk, `${directory}/${entry.file}`, bytes);
    }
    length = segmentParts.reduce((sum, part) => sum + part.length, 0);
    const isLast = start + pageSize >= items.length;
    const reached: SegmentLength = { file: segment, length, ...(closed && isLast ? { closed: true } : {}) };
    lines.push({
      type: 'checkpoint',
      stream: STREAM,
      ShardId: 'shardId-1',
      position: String(start + page.length).padStart(21, '0'),
      at: new Date(SAMPLE_START).toISOString(),
      ...(layout === 'files' ? {} : { segments: [reached] }),
    });
  }
  if (layout === 'segments') {
    const path = closed
      ? `${directory}/${segment}`
      : `${state}/open/${segment.slice(segment.lastIndexOf('/') + 1)}.open`;
    await write(disk, path, Buffer.concat(segmentParts));
  }
  await writeJournal(disk, directory, lines);
  return entries;
}

/** Replaces the journal by these lines, hash-chained, in one day's file. */
export async function writeJournal(disk: Disk, directory: string, lines: readonly JournalLine[]): Promise<void> {
  let prev = FIRST_PREV;
  const texts: string[] = [];
  for (const line of lines) {
    const text = encodeLine(line, prev);
    prev = hashOf(text);
    texts.push(`${text}\n`);
  }
  await write(disk, journalPath(directory), texts.join(''));
}

export function journalPath(directory: string): string {
  return `${directory}/.ttl-archive/journal/2026-11-24.ndjson`;
}

export function journalOf(disk: Disk, directory: string): () => AsyncIterable<JournalRecord> {
  return () => readJournal({ disk }, `${directory}/.ttl-archive`);
}

/** Writes a file in place of what was there. */
export async function write(disk: Disk, path: string, content: string | Uint8Array): Promise<void> {
  await disk.replace(path, `${path}.new`, content);
}

/** Item `index` of a sample: its key, a TTL and some payload. */
export function sampleItem(index: number, more: WireItem = {}): WireItem {
  return { PK: { S: `key-${index}` }, payload: { S: 'x'.repeat(200) }, ttl: { N: '1795446313' }, ...more };
}

export function sampleItems(count: number): WireItem[] {
  return Array.from({ length: count }, (_, index) => sampleItem(index));
}

function fileNameOf(number: number): string {
  return `1795446313-key-${String(number).padStart(21, '0')}-abcdef0123456789.json`;
}

function factsOf(item: WireItem, number: number, keys: readonly string[]) {
  return {
    eventID: `event-${number}`,
    ShardId: 'shardId-1',
    SequenceNumber: String(number).padStart(21, '0'),
    Keys: Object.fromEntries(keys.toSorted().map((name) => [name, item[name] ?? {}])),
    ttl: 1795446313,
    deletedAt: new Date(SAMPLE_START + number * 1000).toISOString(),
    provenance: 'ttl' as const,
  };
}

function bodyOf(
  item: WireItem,
  number: number,
  { layout, format, keys }: { layout: string; format: string; keys: readonly string[] },
): string {
  if (format === 'plain') return JSON.stringify({ PK: 'plain', number });
  if (format === 'item') return JSON.stringify(layout === 'files' ? item : { Item: item });
  const { eventID, SequenceNumber, Keys } = factsOf(item, number, keys);
  return JSON.stringify({ eventID, eventName: 'REMOVE', dynamodb: { Keys, OldImage: item, SequenceNumber } });
}
