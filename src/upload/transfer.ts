import { WRITE_CHECK } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { TtlArchiveError } from '../errors.js';
import { s3Url } from '../lib/s3-location.js';
import type { Log, UploadedSegment } from '../ports/index.js';
import { createConfirmed, listedSize } from './create-confirmed.js';
import type { Ledger } from './ledger.js';
import { type Destination, uploadSegment } from './upload-segment.js';

/** Errors of one segment: the others are uploaded all the same. */
const OF_ONE_SEGMENT = new Set(['NOT_VERIFIED', 'JOURNAL', 'DISK']);

interface Context {
  readonly archive: ArchiveFolder;
  readonly log: Log;
  readonly ledger: Ledger;
}

/** What a run uploads, one segment after the other. Each method throws what the storage throws. */
export class Transfer {
  readonly #context: Context;
  readonly #destination: Destination;
  #mayWrite = false;
  #rejection: TtlArchiveError | undefined;

  constructor(context: Context, destination: Destination) {
    this.#context = context;
    this.#destination = destination;
  }

  /** S3 was written before. */
  get mayWrite(): boolean {
    return this.#mayWrite;
  }

  /** The first error for which a segment was set aside. */
  get rejection(): TtlArchiveError | undefined {
    return this.#rejection;
  }

  /** Finds out whether the bucket can be written, and listed, unless that is known. */
  async checkAccess(): Promise<void> {
    if (!this.#mayWrite) await createConfirmed(this.#destination.storage, WRITE_CHECK, Buffer.alloc(0));
    this.#mayWrite = true;
  }

  /** Whether S3 still has a segment that an earlier run has uploaded. */
  readonly isThere = async ({ to, key, size }: UploadedSegment): Promise<boolean> => {
    const { storage, location } = this.#destination;
    return to === s3Url(location) && (await listedSize(storage, key)) === size;
  };

  /** Uploads the next segment, or sets it aside. What was uploaded; undefined when it was set aside, or there is none. */
  async uploadNext(): Promise<UploadedSegment | undefined> {
    const { archive, log, ledger } = this.#context;
    const segment = ledger.backlog.next();
    if (segment === undefined) return undefined;
    try {
      return await uploadSegment(archive, this.#destination, segment);
    } catch (error) {
      if (!(error instanceof TtlArchiveError) || !OF_ONE_SEGMENT.has(error.code)) throw error;
      const { code, message: reason, remedy } = error;
      const facts = { file: segment.file, code, reason, ...(remedy !== undefined && { remedy }) };
      log.error({ event: 'segment.rejected', ...facts }, 'a segment cannot be uploaded; the next start tries it again');
      this.#rejection ??= error;
      ledger.backlog.setAside(segment.file);
      return undefined;
    }
  }
}
