import type { ArchiveFolder } from '../archive/segment-path.js';
import { errorKindOf, TtlArchiveError } from '../errors.js';
import { aborted } from '../lib/aborted.js';
import type { Clock, Journal, Log, Random, SegmentListener } from '../ports/index.js';
import { Ledger } from './ledger.js';
import { Outage } from './outage.js';
import { Spool } from './spool.js';
import { Transfer } from './transfer.js';
import type { UploadProgress } from './upload-progress.js';
import type { Destination } from './upload-segment.js';

/** Milliseconds that the upload in hand gets when the run was stopped. */
const FINISH = 10_000;
/** Milliseconds that calls to S3 have to end once they are aborted. */
const ABORT = 1_000;
/** Milliseconds without a success after which a run with `once` gives up. */
const MAX_OUTAGE_ONCE = 60_000;
/** Milliseconds between two attempts when nothing else is left to do. */
const MAX_WAIT_ONCE = 5_000;
export interface UploadOptions extends Destination {
  /** Remove uploaded segments from the archive folder. */
  readonly deleteUploaded: boolean;
  /** Bytes of closed segments that may wait for their upload; then reading stops. Undefined: no limit. */
  readonly spoolLimit?: number | undefined;
  readonly once: boolean;
  /** Ends the calls of `storage`. */
  readonly stop: AbortController;
}

interface Context {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly archive: ArchiveFolder;
  readonly journal: Journal;
}

/**
 * Uploads closed segments to S3, one after the other, beside the archiving. Failures are retried, and logged once in an
 * outage; they never stop the archiving, unless `spoolLimit` is reached.
 */
export class Uploader {
  readonly #context: Context;
  readonly #options: UploadOptions;
  readonly #ledger: Ledger;
  readonly #transfer: Transfer;
  readonly #outage: Outage;
  readonly #spool: Spool;
  readonly #refused = new AbortController();
  #mode: 'run' | 'finish' | 'drain' = 'run';
  #wake = new AbortController();
  /** No call to S3 before; by the monotonic clock. */
  #retryAt = 0;
  readonly #running: Promise<void>;
  #uploaded = { segments: 0, bytes: 0 };

  constructor(context: Context, options: UploadOptions) {
    this.#context = context;
    this.#options = options;
    this.#ledger = new Ledger(context, () => this.#wake.abort());
    this.#transfer = new Transfer({ ...context, ledger: this.#ledger }, options);
    this.#outage = new Outage(context);
    this.#spool = new Spool(context.log, {
      limit: options.spoolLimit ?? Infinity,
      bytes: () => this.#ledger.waiting.bytes,
    });
    this.#running = this.#run();
  }

  /** For the store of segments. */
  get listener(): SegmentListener {
    return this.#ledger;
  }

  /** Aborts when the first upload of an archive is not possible, as to a bucket that does not exist. */
  get refused(): AbortSignal {
    return this.#refused.signal;
  }

  /** Resolves when a page may be written: see `Spool.room`. */
  room(signal: AbortSignal): Promise<void> {
    return this.#spool.room(signal);
  }

  progress(): UploadProgress {
    const { segments: waitingSegments, bytes: waitingBytes } = this.#ledger.waiting;
    const { lasts } = this.#outage;
    const failingMs = lasts === undefined ? undefined : Math.round(lasts);
    return { ...this.#uploaded, waitingSegments, waitingBytes, failingMs, isPaused: this.#spool.isPaused };
  }

  /**
   * Ends the uploads; then the journal can be closed. `drain`: first uploads everything, until that fails for a minute;
   * `finish`: only what is in hand, for ten seconds, also when `signal` aborts while it drains; `abandon`: nothing. Returns
   * the error for which segments are left.
   */
  async end(mode: 'drain' | 'finish' | 'abandon', signal?: AbortSignal): Promise<TtlArchiveError | undefined> {
    const { clock, log } = this.#context;
    const { stop } = this.#options;
    if (mode === 'abandon') stop.abort();
    else this.#mode = mode;
    this.#retryAt = 0;
    this.#wake.abort();
    const finished = new AbortController();
    const running = this.#running.finally(() => finished.abort());
    if (mode === 'finish') await clock.sleep(FINISH, finished.signal);
    if (mode !== 'drain') {
      stop.abort();
      // A call that does not end is harmless: what it creates, the next start finds.
      await clock.sleep(ABORT, finished.signal);
    } else {
      await (signal === undefined ? running : Promise.race([running, aborted(signal)]));
      if (signal?.aborted === true && !finished.signal.aborted) return this.end('finish');
    }
    const { segments, bytes } = this.#ledger.waiting;
    if (segments > 0) {
      log.warn({ event: 'upload.left', segments, bytes }, 'segments are not in S3 yet: the next start uploads them');
    }
    const { aborted: isRefused, reason } = this.#refused.signal;
    if (isRefused && mode === 'drain') throw reason;
    return this.#transfer.rejection ?? (segments > 0 ? this.#outage.error : undefined);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#options.stop;
    // The store of segments is opened first.
    await Promise.resolve();
    while (!signal.aborted) {
      this.#wake = new AbortController();
      try {
        if (!(await this.#step())) return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof TtlArchiveError) || this.#isRefusal(error)) return this.#refused.abort(error);
        if (!this.#fail(error)) return;
      }
    }
  }

  /** Does what is to be done next, or waits for it. False when nothing is left to do. */
  async #step(): Promise<boolean> {
    const { clock } = this.#context;
    const { stop, deleteUploaded } = this.#options;
    const woken = AbortSignal.any([this.#wake.signal, stop.signal]);
    await this.#ledger.readEarlier(stop.signal);
    await this.#committed(this.#ledger.recordClosings());
    // The store may have closed its last segments, and the run have ended, while this waited for something.
    if (this.#ledger.hasClosings) return true;
    if (this.#mode === 'finish') return false;
    const wait = this.#retryAt - clock.monotonic();
    if (wait > 0) {
      await clock.sleep(wait, woken);
      return true;
    }
    await this.#transfer.checkAccess();
    if (deleteUploaded) await this.#ledger.removeLeftovers(this.#transfer.isThere);
    if (this.#ledger.backlog.next() !== undefined) await this.#upload();
    else {
      this.#outage.succeed();
      if (this.#mode === 'drain') return this.#ledger.hasClosings;
      await aborted(woken);
    }
    return true;
  }

  async #upload(): Promise<void> {
    const uploaded = await this.#transfer.uploadNext();
    if (uploaded !== undefined) {
      this.#outage.succeed();
      const { file, key, size: bytes } = uploaded;
      await this.#committed(this.#ledger.recordUploaded(uploaded, { remove: this.#options.deleteUploaded }));
      this.#uploaded = { segments: this.#uploaded.segments + 1, bytes: this.#uploaded.bytes + bytes };
      this.#context.log.info({ event: 'segment.uploaded', file, key, bytes }, 'uploaded a segment to S3');
    }
    this.#spool.freed();
  }

  /** When the journal cannot be written, the archiving ends by itself, and nothing more may be uploaded. */
  async #committed(commit: Promise<void>): Promise<void> {
    await commit.catch((error: unknown) => {
      this.#options.stop.abort();
      throw error;
    });
  }

  /** An archive that was never uploaded is not begun with a bucket that cannot be written. */
  #isRefusal(error: TtlArchiveError): boolean {
    if (error.code === 'LOCKED') return true;
    return (
      !this.#transfer.mayWrite && this.#context.journal.state.uploads === undefined && errorKindOf(error) !== 'retry'
    );
  }

  /** Says when to try again; false when the run gives up. */
  #fail(error: TtlArchiveError): boolean {
    const isAwaited = this.#options.once && (this.#mode === 'drain' || this.#spool.isPaused);
    const wait = this.#outage.fail(error, this.#ledger.waiting);
    this.#retryAt = this.#context.clock.monotonic() + (isAwaited ? Math.min(wait, MAX_WAIT_ONCE) : wait);
    if (this.#mode === 'finish') return false;
    if (!isAwaited || (errorKindOf(error) === 'retry' && (this.#outage.lasts ?? 0) < MAX_OUTAGE_ONCE)) return true;
    this.#spool.giveUp(error);
    return false;
  }
}
