import { errorKindOf, type TtlArchiveError } from '../errors.js';
import type { Clock, Log, Random } from '../ports/index.js';

const FIRST_WAIT = 1_000;
const MAX_WAIT = 60_000;

/** A series of failed uploads: logs its beginning, every new kind of error, and its end. */
export class Outage {
  readonly #context: { readonly clock: Clock; readonly log: Log; readonly random: Random };
  #failures = 0;
  /** By the monotonic clock. */
  #since: number | undefined;
  #error: TtlArchiveError | undefined;
  readonly #logged = new Set<string>();

  constructor(context: { readonly clock: Clock; readonly log: Log; readonly random: Random }) {
    this.#context = context;
  }

  /** The last error; undefined while uploads succeed. */
  get error(): TtlArchiveError | undefined {
    return this.#error;
  }

  /** Milliseconds since the first of the failures; undefined while uploads succeed. */
  get lasts(): number | undefined {
    return this.#since === undefined ? undefined : this.#context.clock.monotonic() - this.#since;
  }

  /** Counts a failure, and returns for how many milliseconds to wait: exponential backoff with jitter. */
  fail(error: TtlArchiveError, waiting: { readonly segments: number; readonly bytes: number }): number {
    const { clock, log, random } = this.#context;
    this.#since ??= clock.monotonic();
    if (!this.#logged.has(error.code)) {
      this.#logged.add(error.code);
      const { code, message: reason, remedy } = error;
      const facts = { code, reason, ...(remedy !== undefined && { remedy }), ...waiting };
      if (errorKindOf(error) === 'retry') {
        log.warn({ event: 'upload.failed', ...facts }, 'an upload to S3 failed and is retried; archiving goes on');
      } else {
        const message = 'uploads to S3 are not possible, and are tried from time to time; archiving goes on';
        log.error({ event: 'upload.failed', ...facts }, message);
      }
    }
    this.#error = error;
    const longest = Math.min(MAX_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    return longest / 2 + (random() * longest) / 2;
  }

  succeed(): void {
    const { lasts } = this;
    if (lasts !== undefined) {
      const failingMs = Math.round(lasts);
      this.#context.log.info(
        { event: 'upload.recovered', failures: this.#failures, failingMs },
        'uploads to S3 succeed again',
      );
    }
    this.#logged.clear();
    this.#failures = 0;
    this.#since = undefined;
    this.#error = undefined;
  }
}
