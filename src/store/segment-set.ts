import { openSegmentFolder, openSegmentPath } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import type { Clock, Disk, SegmentLength, SegmentListener } from '../ports/index.js';
import { createSegment, publishSegment, type Segment } from './segment.js';
import type { SegmentBatch } from './segment-batch.js';

/** Milliseconds that a segment stays open after its hour and its last page: some shards are read later than others. */
const GRACE = 5 * 60_000;
const HOUR = 3_600_000;
/** The stream holds 24 hours: only a wrong clock can need more segments at a time. */
const MAX_OPEN = 48;
/** The manifest of as many items has some 50 MB in S3, where it is read whole. */
const MAX_ITEMS = 500_000;

interface Options {
  readonly directory: string;
  readonly segmentSize: number;
  /** `.json` or `.json.gz` */
  readonly extension: string;
  readonly listener?: SegmentListener | undefined;
  /** Items after which the next segment begins (default: 500,000). */
  readonly maxItems?: number | undefined;
}

/** The open segments, one for each hour of deletions. Calls must not overlap. */
export class SegmentSet {
  readonly #clock: Clock;
  readonly #archive: ArchiveFolder;
  readonly #options: Options;
  readonly #growing = new Map<string, Segment>();
  #full: Segment[] = [];
  /** Appended to since the last sync, with the length before. */
  readonly #unsynced = new Map<Segment, number>();
  #created = false;

  constructor({ disk, clock }: { disk: Disk; clock: Clock }, options: Options) {
    this.#clock = clock;
    this.#archive = { disk, directory: options.directory };
    this.#options = options;
  }

  /** All open segments, full ones included. */
  open(): readonly Segment[] {
    return [...this.#full, ...this.#growing.values()];
  }

  /** Appends without a sync. */
  async append(batch: SegmentBatch): Promise<{ file: string; offset: number; length: number }> {
    const segment = this.#growing.get(batch.folder) ?? (await this.#create(batch));
    const { content, file } = segment;
    const offset = content.length;
    if (!this.#unsynced.has(segment)) this.#unsynced.set(segment, offset);
    await content.append(batch.bytes);
    segment.touchedAt = this.#clock.now();
    segment.items += batch.items;
    const { segmentSize, maxItems = MAX_ITEMS } = this.#options;
    if (content.length >= segmentSize || segment.items >= maxItems) {
      this.#growing.delete(batch.folder);
      this.#full.push(segment);
    }
    return { file, offset, length: content.length };
  }

  /** Makes everything that was appended durable. */
  async sync(): Promise<void> {
    const { disk, directory } = this.#archive;
    await Promise.all([
      ...[...this.#unsynced.keys()].map(({ content }) => content.sync()),
      ...(this.#created ? [disk.syncDirectory(openSegmentFolder(directory))] : []),
    ]);
    this.#created = false;
    this.#unsynced.clear();
  }

  /** Truncates what was appended since the last sync, to free the space; errors are ignored. */
  async cutBack(): Promise<void> {
    for (const [{ content }, length] of this.#unsynced) await content.truncate(length).catch(() => undefined);
    this.#unsynced.clear();
  }

  hasFinished(): boolean {
    return this.#finished().length > 0;
  }

  /** Closes segments that are full or over. All their bytes must be committed. */
  closeFinished(): Promise<SegmentLength[]> {
    return this.#close(this.#finished());
  }

  closeAll(): Promise<SegmentLength[]> {
    return this.#close(this.open());
  }

  /** Closes the files as they are. */
  async abandon(): Promise<void> {
    for (const { content } of this.open()) await content.close().catch(() => undefined);
  }

  #finished(): Segment[] {
    const now = this.#clock.now();
    const growing = [...this.#growing.values()];
    const over = growing.filter((segment) => dueAt(segment) <= now);
    const excess = growing
      .toSorted((a, b) => a.touchedAt - b.touchedAt)
      .slice(0, Math.max(0, growing.length - MAX_OPEN));
    return [...new Set([...this.#full, ...over, ...excess])];
  }

  async #create({ folder, first }: SegmentBatch): Promise<Segment> {
    const segment = await createSegment(this.#archive, { folder, first, extension: this.#options.extension });
    this.#options.listener?.begun(segment.file);
    this.#growing.set(folder, segment);
    this.#created = true;
    return segment;
  }

  async #close(segments: readonly Segment[]): Promise<SegmentLength[]> {
    const closed: SegmentLength[] = [];
    for (const segment of segments) {
      const { file, folder, content } = segment;
      await content.close();
      if (this.#growing.get(folder) === segment) this.#growing.delete(folder);
      this.#full = this.#full.filter((other) => other !== segment);
      await publishSegment(this.#archive, { from: openSegmentPath(this.#archive.directory, file), file });
      closed.push({ file, length: content.length, closed: true });
    }
    return closed;
  }
}

/** When the first of the segments is due to be closed, in epoch milliseconds. */
export function nextDue(segments: readonly Segment[]): number | undefined {
  return segments.length === 0 ? undefined : Math.min(...segments.map(dueAt));
}

/** A backlog fills segments of past hours, so a segment also stays open for a while after its last page. */
function dueAt({ folder, touchedAt }: Segment): number {
  const [year, month, day, hour] = (folder.match(/\d+/g) ?? []).map(Number);
  const end = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0) + HOUR;
  return Math.max(end, touchedAt) + GRACE;
}
