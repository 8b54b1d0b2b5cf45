import type { Prunes } from '../journal/prunes.js';
import type { JournalRecord, UploadedSegment } from '../ports/index.js';
import type { Located } from './byte-ranges.js';
import type { OnlyInS3 } from './verification.js';

/** What is known of a segment that is missing. */
interface Known {
  /** Bytes that the journal has committed. */
  readonly length: number;
  /** One of its items. */
  readonly item: Located | undefined;
}

interface Context {
  readonly journal: () => AsyncIterable<JournalRecord>;
  /** Reads what was pruned: pruned segments may be missing. */
  readonly prunes: () => Promise<Prunes>;
  /** Called for a segment that should be here. */
  readonly onMissing: (file: string) => void;
}

/** Segments that are not in the folder: they may have been uploaded, or pruned. */
export class MissingSegments {
  readonly #missing = new Map<string, Known>();
  /** Segments in S3: file → the archive there. */
  readonly #uploaded = new Map<string, string>();

  add(file: string, known: Known): void {
    this.#missing.set(file, known);
  }

  /** Such segments may be missing here. */
  addUploaded(uploaded: readonly UploadedSegment[]): void {
    for (const { file, to } of uploaded) this.#uploaded.set(file, to);
  }

  /**
   * Reports those that are neither in S3 nor pruned; what is in S3 alone it returns. The journal is read again first: a
   * running watch may have uploaded and removed them meanwhile, and a prune removed them.
   */
  async report({ journal, prunes, onMissing }: Context): Promise<OnlyInS3> {
    if ([...this.#missing.keys()].some((file) => !this.#uploaded.has(file))) await this.#readUploads(journal());
    const pruned = this.#missing.size > 0 ? await prunes() : undefined;
    const places = new Set<string>();
    let [segments, bytes] = [0, 0];
    for (const [file, { item, length }] of this.#missing) {
      if (item !== undefined && pruned?.has(item.entry, item.place) === true) continue;
      const to = this.#uploaded.get(file);
      if (to === undefined) {
        onMissing(file);
        continue;
      }
      places.add(to);
      segments++;
      bytes += length;
    }
    return { segments, bytes, to: [...places] };
  }

  async #readUploads(journal: AsyncIterable<JournalRecord>): Promise<void> {
    for await (const record of journal) {
      if ('line' in record && record.line.type === 'checkpoint') this.addUploaded(record.line.uploaded ?? []);
    }
  }
}
