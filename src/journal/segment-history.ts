import { journalFolder } from '../archive/layout.js';
import { isSegmentBefore } from '../archive/pruned.js';
import { LINE_FEED } from '../lib/lines.js';
import type {
  Checkpoint,
  Disk,
  ItemEntry,
  JournalLine,
  JournalPlace,
  SegmentLength,
  UploadedSegment,
} from '../ports/index.js';
import { journalError, listJournalFiles, readLines } from './journal-files.js';
import { decodeLine } from './journal-line.js';

/** A part of the journal, between two ends of closing lines; without `from`, from its beginning. */
export interface JournalRange {
  readonly from?: JournalPlace | undefined;
  /** Must not be after the last closing line. */
  readonly to: JournalPlace;
}

/** A line that says something about segments, or about pruned items. */
export interface SegmentLine {
  readonly line: Checkpoint;
  /** Not after the first line that was written with it. */
  readonly begin: JournalPlace;
}

const ABOUT_SEGMENTS = ['"segments":[', '"uploaded":[', '"pruned":{"before":'].map((text) => Buffer.from(text));

/**
 * The checkpoint lines of a range that say something about segments, or about pruned items. Other lines are not parsed.
 * Throws JOURNAL, DISK.
 */
export async function* segmentLines(
  { disk }: { disk: Disk },
  directory: string,
  range: JournalRange,
): AsyncGenerator<SegmentLine> {
  for await (const { file, line, append = 0 } of linesWith(disk, directory, range, ABOUT_SEGMENTS)) {
    if (line.type !== 'checkpoint') continue;
    yield { line, begin: { file, offset: append } };
  }
}

/** What a range of the journal says about segments that are not pruned, by their files. */
export interface SegmentHistory {
  /** Not after the first item line of the segment in the range. */
  readonly begun: ReadonlyMap<string, JournalPlace>;
  readonly uploaded: ReadonlyMap<string, UploadedSegment>;
  /** Closed and not uploaded, in the order in which they were closed. */
  readonly waiting: readonly SegmentLength[];
}

/** Throws JOURNAL, DISK, and the signal's reason. */
export async function readSegmentHistory(
  archive: { disk: Disk },
  directory: string,
  { signal, ...range }: JournalRange & { readonly signal?: AbortSignal },
): Promise<SegmentHistory> {
  const begun = new Map<string, JournalPlace>();
  const closed = new Map<string, SegmentLength>();
  const uploaded = new Map<string, UploadedSegment>();
  for await (const { line, begin } of segmentLines(archive, directory, range)) {
    signal?.throwIfAborted();
    for (const segment of line.segments ?? []) {
      if (!begun.has(segment.file)) begun.set(segment.file, begin);
      if (segment.closed === true) closed.set(segment.file, segment);
    }
    for (const segment of line.uploaded ?? []) uploaded.set(segment.file, segment);
    const { pruned } = line;
    if (pruned === undefined) continue;
    for (const segments of [begun, closed, uploaded]) {
      for (const file of segments.keys()) if (isSegmentBefore(file, pruned.before)) segments.delete(file);
    }
  }
  return { begun, uploaded, waiting: [...closed.values()].filter(({ file }) => !uploaded.has(file)) };
}

/** The item lines of a segment in a range, in their order. Other lines are not parsed. Throws JOURNAL, DISK. */
export async function* segmentItems(
  { disk }: { disk: Disk },
  directory: string,
  { file, ...range }: JournalRange & { readonly file: string },
): AsyncGenerator<ItemEntry> {
  // Within a JSON text quotes are escaped, so that no key can contain this.
  const start = Buffer.from(`{"type":"item","file":${JSON.stringify(file)},`);
  for await (const { line } of linesWith(disk, directory, range, [start])) {
    if (line.type !== 'item') continue;
    const { type: _, ...entry } = line;
    yield entry;
  }
}

interface FoundLine {
  /** Of the journal. */
  readonly file: string;
  readonly line: JournalLine;
  readonly append?: number;
}

async function* linesWith(
  disk: Disk,
  directory: string,
  { from, to }: JournalRange,
  needles: readonly Buffer[],
): AsyncGenerator<FoundLine> {
  const files = await listJournalFiles(disk, directory);
  for (const file of files.filter((name) => name >= (from?.file ?? '') && name <= to.file)) {
    const path = `${journalFolder(directory)}/${file}`;
    const start = file === from?.file ? from.offset : 0;
    const end = file === to.file ? to.offset : Infinity;
    for await (const { bytes, whole } of readLines(disk, path, start, end)) {
      if (!whole) throw journalError(path, 'ends in the middle of a line');
      for (const [begin, after] of linesIn(bytes, needles)) {
        const decoded = decodeLine(bytes.subarray(begin, after));
        if ('problem' in decoded) throw journalError(path, `is damaged: a line ${decoded.problem}`);
        const { line, append } = decoded;
        yield { file, line, ...(append !== undefined && { append }) };
      }
    }
  }
}

/** Where the lines with one of the needles begin and end (without the line feed), in order. */
function linesIn(bytes: Buffer, needles: readonly Buffer[]): [begin: number, end: number][] {
  const lines = new Map<number, number>();
  for (const needle of needles) {
    for (let hit = bytes.indexOf(needle); hit >= 0; ) {
      const end = bytes.indexOf(LINE_FEED, hit);
      lines.set(bytes.lastIndexOf(LINE_FEED, hit) + 1, end);
      hit = bytes.indexOf(needle, end);
    }
  }
  return [...lines].toSorted(([a], [b]) => a - b);
}
