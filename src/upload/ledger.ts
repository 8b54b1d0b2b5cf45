import { isArchivePath } from '../archive/entry-path.js';
import { archivePath, stateFolder } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { readSegmentHistory } from '../journal/segment-history.js';
import type { Journal, Log, SegmentLength, SegmentListener, UploadedSegment } from '../ports/index.js';
import { Backlog } from './backlog.js';

interface Context {
  readonly archive: ArchiveFolder;
  readonly journal: Journal;
  readonly log: Log;
}

/** Keeps the backlog and the journal in agreement, and removes what was uploaded. */
export class Ledger implements SegmentListener {
  readonly backlog = new Backlog();
  readonly #context: Context;
  /** Where the journal ended before this run. */
  readonly #before;
  #isRead = false;
  /** Closed segments that the journal does not hold as closed yet. */
  #closings: SegmentLength[] = [];
  /** Segments that earlier runs have uploaded, and may not have removed. */
  #leftovers: UploadedSegment[] = [];
  readonly #onClosed: () => void;

  constructor(context: Context, onClosed: () => void) {
    this.#context = context;
    this.#before = context.journal.end;
    this.#onClosed = onClosed;
  }

  /** Closed segments that are not uploaded, without those set aside. */
  get waiting(): { readonly segments: number; readonly bytes: number } {
    const { segments, bytes } = this.backlog;
    const more = this.#closings.reduce((sum, { length }) => sum + length, 0);
    return { segments: segments + this.#closings.length, bytes: bytes + more };
  }

  /** There are segments that were closed since the last `recordClosings`. */
  get hasClosings(): boolean {
    return this.#closings.length > 0;
  }

  begun(file: string): void {
    this.backlog.begin(file, this.#context.journal.end);
  }

  closed(segments: readonly SegmentLength[]): void {
    this.#closings.push(...segments);
    this.#onClosed();
  }

  /** Finds the segments that earlier runs have left, at the first call. Throws JOURNAL, DISK, and the signal's reason. */
  async readEarlier(signal: AbortSignal): Promise<void> {
    if (this.#isRead) return;
    const { archive, journal } = this.#context;
    if (this.#before !== undefined) {
      const range = { from: journal.state.uploads?.upTo, to: this.#before, signal };
      const { begun, uploaded, waiting } = await readSegmentHistory(archive, stateFolder(archive.directory), range);
      for (const [file, place] of begun) if (!uploaded.has(file)) this.backlog.begin(file, place);
      for (const segment of waiting) this.backlog.close(segment, this.#before);
      this.#leftovers = [...uploaded.values()].filter(({ file }) => isArchivePath(file));
    }
    this.#isRead = true;
  }

  /** Records the segments that were closed since the last call. Throws the journal's errors. */
  async recordClosings(): Promise<void> {
    const { journal } = this.#context;
    const segments = [...this.#closings];
    if (segments.length === 0) return;
    await journal.commitFacts({ segments });
    const { end } = journal;
    this.#closings = this.#closings.slice(segments.length);
    for (const segment of segments) if (end !== undefined) this.backlog.close(segment, end);
  }

  /** Records that the segment is in S3, and with `remove` removes it here. Throws the journal's errors. */
  async recordUploaded(segment: UploadedSegment, { remove }: { readonly remove: boolean }): Promise<void> {
    const { journal } = this.#context;
    // The segment still counts, so that the next start finds it and removes what is left.
    const uploadedUpTo = this.backlog.upTo(journal.end);
    await journal.commitFacts({ uploaded: [segment], ...(uploadedUpTo !== undefined && { uploadedUpTo }) });
    if (remove && !(await this.#remove(segment))) this.backlog.setAside(segment.file);
    else this.backlog.remove(segment.file);
  }

  /** Removes what earlier runs have uploaded and not removed, and `isThere` confirms. */
  async removeLeftovers(isThere: (segment: UploadedSegment) => Promise<boolean>): Promise<void> {
    const { disk, directory } = this.#context.archive;
    for (let [segment] = this.#leftovers; segment !== undefined; [segment] = this.#leftovers) {
      const isHere = (await disk.size(archivePath(directory, segment.file))) !== undefined;
      if (isHere && (await isThere(segment))) await this.#remove(segment);
      this.#leftovers.shift();
    }
  }

  /** False when it could not be removed. */
  async #remove({ file }: UploadedSegment): Promise<boolean> {
    const { archive, log } = this.#context;
    try {
      await archive.disk.remove(archivePath(archive.directory, file));
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ event: 'segment.not-removed', file, reason }, 'an uploaded segment could not be removed');
      return false;
    }
  }
}
