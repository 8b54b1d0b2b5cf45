import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import { type StreamEnd, StreamReader } from '../stream/stream-reader.js';
import type { CreateDestination, Destination, OpenDestination } from './destination.js';
import { Heartbeats } from './heartbeats.js';
import { type IgnoredLog, ignoredLog } from './ignored-log.js';
import type { RunOptions } from './options.js';
import { Stopped } from './page-deliverer.js';
import { resolveStream } from './resolve-stream.js';
import type { RunContext, SharedByTables, WatchContext } from './run-context.js';
import { RunProgress } from './run-progress.js';
import type { Source } from './source.js';
import type { WatchProgress, WatchSummary } from './summary.js';
import { confirmStreamGone, promisedSince } from './table-stream.js';
import { TableStreams } from './table-streams.js';

/** One run of `watch`: finds the table's streams, opens the destination, and reads one stream after the other. */
export class WatchRun {
  readonly #options: RunOptions;
  readonly #context: RunContext;
  readonly #progress: RunProgress;
  readonly #streams: TableStreams;
  /** Aborts when another process has taken over the archive folder. */
  readonly #lost = new AbortController();
  readonly #createDestination: CreateDestination;
  #uploadFailure: WatchSummary['uploadFailure'];
  #complete = false;
  #stream = '';
  readonly #ignored: IgnoredLog;

  constructor(options: RunOptions, context: WatchContext & SharedByTables, destination: CreateDestination) {
    this.#options = options;
    this.#createDestination = destination;
    const signal = AbortSignal.any([this.#lost.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    this.#context = { ...context, signal, retrier: new Retrier(context, options.once ? ONCE : ENDLESS) };
    this.#progress = new RunProgress(this.#context, options);
    this.#streams = new TableStreams(this.#context, options);
    this.#ignored = ignoredLog(context);
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
      stream: this.#stream,
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
      this.#complete = await this.#readStreams(archive, source).finally(() => {
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

  /** False when the signal ended it. */
  async #readStreams(archive: OpenDestination, source: Source): Promise<boolean> {
    const { state } = archive.journal;
    const firstStart = state.checkpoints.size === 0;
    let ahead = await this.#streams.first(state, source);
    while (ahead.length > 0) {
      for (const stream of ahead) {
        const isFirst = firstStart && stream === source.StreamArn;
        const end = await this.#readStream(archive, stream, isFirst);
        if (end === 'stopped') return false;
        this.#streams.markRead(stream);
      }
      if (this.#options.once) break;
      this.#progress.phase = 'waiting';
      ahead = await this.#streams.next(state);
    }
    return this.#options.once;
  }

  async #readStream(archive: OpenDestination, stream: string, firstStart: boolean): Promise<StreamEnd> {
    const { log, tables } = this.#context;
    const { table, from, pollInterval, maxPollInterval } = this.#options;
    const { state } = archive.journal;
    this.#stream = stream;
    log.info({ event: 'stream.started', StreamArn: stream }, 'reading the stream');
    const sink = archive.pages(
      { ...this.#context, journal: archive.journal, tally: this.#progress.tally, ignoredLog: this.#ignored },
      { ...this.#options, stream, ttlAttribute: this.#streams.ttlAttribute },
    );
    const streams = confirmStreamGone(this.#context.streams, tables, table);
    const reader = new StreamReader(
      { ...this.#context, streams, sink },
      {
        ...this.#options,
        StreamArn: stream,
        from: firstStart ? from : 'trim-horizon',
        pace: { pollInterval, maxPollInterval: Math.max(pollInterval, maxPollInterval) },
        known: new Map(state.checkpoints.get(stream)),
        promisedSince: promisedSince(state, stream),
        hasDropped: state.droppedShards.has(stream),
      },
    );
    this.#progress.reader = reader;
    this.#progress.phase = 'reading';
    const end = await reader.run().catch((error: unknown): StreamEnd => {
      if (error instanceof Stopped) return 'stopped';
      throw error;
    });
    log.debug({ event: 'stream.ended', StreamArn: stream, end }, 'reading ended');
    return end;
  }
}
