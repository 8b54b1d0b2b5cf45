/** Ends the reading of a stream. Everything that reads the stream shares one. */
export class Shutdown {
  readonly #controller = new AbortController();
  /** Aborts with the caller's signal, and when the reading fails or ends. */
  readonly signal: AbortSignal;
  /** The first error that ended the reading. */
  failure: { readonly error: unknown } | undefined;
  /** DynamoDB Streams no longer has the stream. */
  isStreamGone = false;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Nothing more may be read or written. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.end();
  }

  streamGone(): void {
    this.isStreamGone = true;
    this.end();
  }

  end(): void {
    this.#controller.abort();
  }
}
