import { aborted } from '../lib/aborted.js';
import type { Log } from '../ports/index.js';

/** Holds pages back while too many bytes wait for their upload. */
export class Spool {
  readonly #log: Log;
  readonly #limit: number;
  readonly #bytes: () => number;
  /** While pages are held back; aborts when that ends. */
  #pause: AbortController | undefined;
  #givenUp: { readonly error: unknown } | undefined;

  /** `bytes`: those that wait now, of which `limit` are too many. */
  constructor(log: Log, { limit, bytes }: { readonly limit: number; readonly bytes: () => number }) {
    this.#log = log;
    this.#limit = limit;
    this.#bytes = bytes;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** Resolves when there is room for a page, or when the signal aborts. Throws when nothing is uploaded any more. */
  async room(signal: AbortSignal): Promise<void> {
    if (!signal.aborted && this.#bytes() >= this.#limit) await this.#wait(signal);
    if (this.#givenUp !== undefined && !signal.aborted) throw this.#givenUp.error;
  }

  /** To be called when fewer bytes wait. */
  freed(): void {
    if (this.#pause === undefined || this.#bytes() >= this.#limit) return;
    this.#log.info({ event: 'upload.resumed', bytes: this.#bytes() }, 'reading goes on: there is room in the spool');
    this.#pause.abort();
    this.#pause = undefined;
  }

  /** The pages that are held back are not archived by this run. */
  giveUp(error: unknown): void {
    this.#givenUp = { error };
    this.#pause?.abort();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#pause === undefined) {
      const message = 'reading stops until segments are uploaded: the spool limit is reached';
      this.#log.warn({ event: 'upload.paused', bytes: this.#bytes(), limit: this.#limit }, message);
    }
    this.#pause ??= new AbortController();
    await aborted(AbortSignal.any([signal, this.#pause.signal]));
  }
}
