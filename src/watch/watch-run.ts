import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import type { CreateDestination, Destination, OpenDestination } from './destination.js';
import { Heartbeats } from './heartbeats.js';
import { type IgnoredLog, ignoredLog } from './ignored-log.js';
import type { RunOptions } from './options.js';
import { resolveStream } from './resolve-stream.js';
import type { RunContext, SharedByTables, WatchContext } from './run-context.js';
import { RunProgress } from './run-progress.js';
import type { Source } from './source.js';
import type { WatchProgress, WatchSummary } from './summary.js';
import { TableReader } from './table-reader.js';

/** One run of `watch`: finds the table's streams, opens the destination, and reads one stream after the other. */
export class WatchRun {
  readonly #options: RunOptions;
  readonly #context: RunContext;
  readonly #progress: RunProgress;
  readonly #reader: TableReader;
  /** Aborts when another process has taken over the archive folder. */
  readonly #lost = new AbortController();
  readonly #createDestination: CreateDestination;
  #uploadFailure: WatchSummary['uploadFailure'];
  #complete = false;
  readonly #ignored: IgnoredLog;

  constructor(options: RunOptions, context: WatchContext & SharedByTables, destination: CreateDestination) {
    this.#options = options;
    this.#createDestination = destination;
    const signal = AbortSignal.any([this.#lost.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    this.#context = { ...context, signal, retrier: new Retrier(context, options.once ? ONCE : ENDLESS) };
    this.#progress = new RunProgress(this.#context, options);
    this.#ignored = ignoredLog(context);
    this.#reader = new TableReader({ ...this.#context, progress: this.#progress, ignored: this.#ignored }, options);
  }

  progress(): WatchProgress {
    return this.#progress.progress();
  }

  /** All streams are read to their end, and the table's next one is awaited. */
  get isWaiting(): boolean {
    return this.#progress.phase === 'waiting';
  }

  async run(): Promise<WatchSummary> {
    const { streams, tables } = this.#context;
    try {
      const destination = await this.#createDestination(this.#context);
      const known = () => destination.known();
      const source = await resolveStream(this.#context, { ...this.#options, known });
      if (source !== undefined) await this.#archive(destination, source);
    } finally {
      this.#ignored.close();
      streams.close();
      tables.close();
    }
    const { elapsedMs } = this.#progress;
    const interrupted = !this.#complete;
    const { gaps } = this.#progress.tally;
    return {
      ...this.progress(),
      stream: this.#reader.stream,
      elapsedMs,
      gaps,
      interrupted,
      ...(this.#uploadFailure !== undefined && { uploadFailure: this.#uploadFailure }),
    };
  }

  /** Undefined when the signal aborts while another process's lock is observed. */
  async #open(destination: Destination, source: Source): Promise<OpenDestination | undefined> {
    const { signal } = this.#context;
    try {
      return await destination.open(source, this.#progress);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined;
      throw error;
    }
  }

  async #archive(destination: Destination, source: Source): Promise<void> {
    const archive = await this.#open(destination, source);
    if (archive === undefined) return;
    this.#progress.uploader = archive.uploader;
    const onLost = (): void => this.#lost.abort(archive.lost.reason);
    archive.lost.addEventListener('abort', onLost);
    if (archive.lost.aborted) onLost();
    const stopped = new AbortController();
    const heartbeats = new Heartbeats(this.#context, archive.journal, () => this.#progress.reader);
    const beating = heartbeats.run(stopped.signal);
    beating.catch(() => undefined); // It is awaited below; until then a rejection must not count as unhandled.
    try {
      this.#complete = await this.#reader.read(archive, source).finally(() => {
        this.#progress.phase = 'ended';
      });
      archive.lost.throwIfAborted();
      stopped.abort();
      await beating;
      await heartbeats.commit();
    } catch (error) {
      // Errors of the clean-up would hide what ended the reading.
      stopped.abort();
      await Promise.allSettled([beating, archive.close('abandon')]);
      throw archive.lost.aborted ? archive.lost.reason : error;
    }
    const { signal } = this.#context;
    this.#uploadFailure = await archive.close(this.#complete ? 'drain' : 'finish', signal);
    if (signal.aborted && (archive.uploader?.progress().waitingSegments ?? 0) > 0) this.#complete = false;
  }
}
