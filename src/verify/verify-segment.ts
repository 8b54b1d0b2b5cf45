import { archivePath } from '../archive/layout.js';
import { type ArchiveFolder, readSegment } from '../archive/segment-path.js';
import { hasCode } from '../errors.js';
import type { Prunes } from '../journal/prunes.js';
import type { JournalRecord, SegmentLength, UploadedSegment } from '../ports/index.js';
import { byteRanges, groupBy, type Located } from './byte-ranges.js';
import type { Finding } from './finding.js';
import { MissingSegments } from './missing-segments.js';
import { type ListedRange, rangeProblem } from './range-problem.js';
import type { Sample } from './sample.js';
import type { OnlyInS3 } from './verification.js';

interface Segment {
  /** Bytes that the journal has committed so far. */
  length: number;
  /** Missing or unreadable: not looked for again. */
  missing: boolean;
  /** One of its items. */
  item: Located | undefined;
}

interface Context {
  /** Reads what was pruned: pruned segments may be missing. */
  readonly prunes: () => Promise<Prunes>;
  readonly report: (finding: Finding) => void;
  /** The segments that are read; default: all. */
  readonly sample?: Sample | undefined;
}

/** `--layout segments`: compares the pages of the journal with the bytes of the segments. */
export class SegmentVerifier {
  readonly #archive: ArchiveFolder;
  readonly #readPrunes: () => Promise<Prunes>;
  readonly #report: (finding: Finding) => void;
  readonly #sample: Sample | undefined;
  readonly #segments = new Map<string, Segment>();
  readonly #missing = new MissingSegments();

  constructor(archive: ArchiveFolder, { prunes, report, sample }: Context) {
    this.#sample = sample;
    this.#archive = archive;
    this.#readPrunes = prunes;
    this.#report = report;
  }

  get size(): number {
    return this.#segments.size;
  }

  /** Such segments may be missing here. */
  addUploaded(uploaded: readonly UploadedSegment[]): void {
    this.#missing.addUploaded(uploaded);
  }

  /** The checks of one committed page: one for each range of bytes that it added to a segment. */
  take(page: readonly Located[], lengths: readonly SegmentLength[], journal: string): (() => Promise<void>)[] {
    const checks: (() => Promise<void>)[] = [];
    const ends = new Map(lengths.map(({ file, length }) => [file, length]));
    for (const [file, items] of groupBy(page, ({ entry }) => entry.file)) {
      const segment = this.#segmentOf(file);
      segment.item ??= items[0];
      const members = byteRanges(items);
      for (const [index, [offset, lines]] of members.entries()) {
        const end = members[index + 1]?.[0] ?? ends.get(file);
        if (end === undefined) {
          this.#report({ kind: 'journal', file, detail: 'no line says where the segment ends', journal });
          continue;
        }
        this.#expectStart(file, segment, offset, journal);
        segment.length = Math.max(segment.length, end);
        if (lines[0]?.isPruned !== true && this.#sample?.includes(file) !== false) {
          checks.push(async () => this.#check({ file, segment, offset, end, lines }));
        }
      }
    }
    for (const { file, length } of lengths) {
      const segment = this.#segmentOf(file);
      // Bytes without an item line are unlisted.
      this.#expectStart(file, segment, length, journal);
      segment.length = length;
    }
    return checks;
  }

  /**
   * Compares each segment's size with its committed length. They must be equal under its final name, which a segment gets
   * when all of it is committed. An open segment may have an uncommitted tail, which a running watch is writing, or the
   * next one cuts off. `journal` is read again before bytes are reported as unlisted: a running watch may have closed a
   * segment meanwhile.
   */
  async finish(journal: () => AsyncIterable<JournalRecord>, signal: AbortSignal | undefined): Promise<OnlyInS3> {
    const longer = new Map<string, Segment>();
    for (const [file, segment] of this.#segments) {
      const size = await this.#sizeOf(file, segment);
      signal?.throwIfAborted();
      if (size === undefined) continue;
      if (size < segment.length) {
        this.#report({ kind: 'truncated', file, detail: `holds ${size} bytes instead of ${segment.length}` });
      } else if (size > segment.length) {
        const { disk, directory } = this.#archive;
        if ((await disk.size(archivePath(directory, file))) !== undefined) longer.set(file, segment);
      }
    }
    if (longer.size > 0) await this.#reportUnlisted(longer, journal);
    const onMissing = (file: string) => this.#report({ kind: 'missing', file, detail: 'file missing' });
    return this.#missing.report({ journal, prunes: this.#readPrunes, onMissing });
  }

  async #reportUnlisted(longer: ReadonlyMap<string, Segment>, journal: () => AsyncIterable<JournalRecord>) {
    for await (const record of journal()) {
      if ('problem' in record || record.line.type !== 'checkpoint') continue;
      for (const { file, length } of record.line.segments ?? []) {
        const segment = longer.get(file);
        if (segment !== undefined) segment.length = Math.max(segment.length, length);
      }
    }
    for (const [file, segment] of longer) {
      const size = (await this.#sizeOf(file, segment)) ?? 0;
      if (size <= segment.length) continue;
      this.#report({ kind: 'unlisted', file, detail: `no journal line lists its last ${size - segment.length} bytes` });
    }
  }

  #segmentOf(file: string): Segment {
    const segment = this.#segments.get(file) ?? { length: 0, missing: false, item: undefined };
    this.#segments.set(file, segment);
    return segment;
  }

  #expectStart(file: string, segment: Segment, offset: number, journal: string): void {
    if (offset === segment.length) return;
    const detail =
      offset > segment.length
        ? `no journal line lists its bytes from ${segment.length} to ${offset}`
        : `two journal lines list its bytes from ${offset} to ${segment.length}`;
    this.#report({ kind: offset > segment.length ? 'unlisted' : 'listed-twice', file, detail, journal });
  }

  async #check(range: ListedRange & { readonly segment: Segment }): Promise<void> {
    const { file, segment, offset, end, lines } = range;
    const size = await this.#sizeOf(file, segment);
    // `finish` reports a truncated segment.
    if (size === undefined || size < end) return;
    const problem = await rangeProblem(this.#archive, range);
    if (problem === undefined) return;
    // A running watch may have removed it meanwhile.
    if ((await this.#sizeOf(file, segment)) === undefined) return;
    const journal = lines[0]?.journal;
    const detail = `the range from byte ${offset} to ${end} ${problem}`;
    this.#report({ kind: 'altered', file, detail, ...(journal !== undefined && { journal }) });
  }

  /** A segment's size; undefined when it is missing or cannot be read, which is reported once. */
  async #sizeOf(file: string, segment: Segment): Promise<number | undefined> {
    if (segment.missing) return undefined;
    try {
      const size = await readSegment(this.#archive, file, (path) => this.#archive.disk.size(path));
      if (size === undefined) {
        segment.missing = true;
        this.#missing.add(file, segment);
      }
      return size;
    } catch (error) {
      if (!hasCode(error, 'DISK')) throw error;
      if (!segment.missing) this.#report({ kind: 'unreadable', file, detail: error.message });
      segment.missing = true;
      return undefined;
    }
  }
}
