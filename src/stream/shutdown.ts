/** Ends the reading of a stream before its time. All that reads it shares one. */
export class Shutdown {
  readonly #controller = new AbortController();
  /** Aborts with the caller's signal, and when the reading fails or ends. */
  readonly signal: AbortSignal;
  #failure: { readonly error: unknown } | undefined;
  #isStreamGone = false;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
  }

  /** The first error that made going on impossible. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** DynamoDB Streams no longer has the stream. */
  get isStreamGone(): boolean {
    return this.#isStreamGone;
  }

  /** Going on is impossible: nothing more is read or written. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  streamGone(): void {
    this.#isStreamGone = true;
    this.end();
  }

  end(): void {
    this.#controller.abort();
  }
}
