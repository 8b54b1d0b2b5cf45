import { firstHead } from '../archive/first-head.js';
import { WRITE_CHECK } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText, quoted } from '../lib/escape.js';
import { s3Url } from '../lib/s3-location.js';
import type { Log, UploadedSegment } from '../ports/index.js';
import { createConfirmed, listedSize } from './create-confirmed.js';
import type { Ledger } from './ledger.js';
import { type Destination, uploadSegment } from './upload-segment.js';

/** API_CreateTable; what is in the bucket may be longer. */
const MAX_TABLE_NAME = 255;

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

  /**
   * Finds out whether the bucket can be written, and listed, and does not hold another table's archive, unless that is known.
   * Throws TABLE when it does: of two tables that begin at the same moment, when the other one came first.
   */
  async checkAccess(): Promise<void> {
    if (this.#mayWrite) return;
    const { storage, table } = this.#destination;
    this.#checkOwner((await firstHead(storage))?.header.table);
    const owner = await createConfirmed(storage, WRITE_CHECK, Buffer.from(table));
    // Older versions wrote none.
    if (owner.length > 0) this.#checkOwner(owner.toString());
    this.#mayWrite = true;
  }

  #checkOwner(owner: string | undefined): void {
    const { location, table } = this.#destination;
    if (owner === undefined || owner === table) return;
    const whose = quoted(owner.slice(0, MAX_TABLE_NAME));
    throw new TtlArchiveError('TABLE', `${escapeText(s3Url(location))} holds the archive of table ${whose}.`, {
      remedy: `Upload table ${quoted(table)} to a prefix of its own.`,
    });
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
