import type { LockProgress } from '../lock/lock-record.js';
import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import { type StreamEnd, StreamReader } from '../stream/stream-reader.js';
import { Heartbeats } from './heartbeats.js';
import { type IgnoredLog, ignoredLog } from './ignored-log.js';
import { type OpenArchive, openArchive } from './open-archive.js';
import { openUpload, type Upload } from './open-upload.js';
import type { WatchRunOptions } from './options.js';
import { pageArchiver, Tally } from './page-archiver.js';
import { resolveStream, type Source } from './resolve-stream.js';
import type { RunContext, WatchContext } from './run-context.js';
import type { WatchProgress, WatchSummary } from './summary.js';
import { confirmStreamGone, promisedSince } from './table-stream.js';
import { TableStreams } from './table-streams.js';

/** One run of `watch`: finds the table's streams, opens the archive, and reads one stream after the other. */
export class WatchRun {
  readonly #options: WatchRunOptions;
  readonly #context: RunContext;
  readonly #tally = new Tally();
  readonly #streams: TableStreams;
  readonly #startedAt: number;
  /** Aborts when another process has taken over the archive folder. */
  readonly #lost = new AbortController();
  #reader: StreamReader | undefined;
  #upload: Upload | undefined;
  #uploader: OpenArchive['uploader'];
  #uploadFailure: WatchSummary['uploadFailure'];
  #complete = false;
  #stream = '';
  readonly #ignored: IgnoredLog;

  constructor(options: WatchRunOptions, context: WatchContext) {
    this.#options = options;
    const signal = AbortSignal.any([this.#lost.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    this.#context = { ...context, signal, retrier: new Retrier(context, options.once ? ONCE : ENDLESS) };
    this.#startedAt = context.clock.monotonic();
    this.#streams = new TableStreams(this.#context, options);
    this.#ignored = ignoredLog(context);
  }

  progress(): WatchProgress {
    const shards = this.#reader?.shards();
    const { records, archived, archivedBytes, ignored } = this.#tally;
    const { failingSince } = this.#context.retrier;
    const upload = this.#uploader?.progress();
    return {
      shards: { open: shards?.open ?? 0, behind: shards?.behind ?? 0, ended: shards?.ended ?? 0 },
      records,
      archived,
      archivedBytes,
      ignored: { ...ignored },
      getRecordsCalls: this.#context.streams.getRecordsCalls,
      lagMs:
        shards?.readUpTo === undefined
          ? undefined
          : Math.max(0, Math.round(this.#context.awsTime.now() - shards.readUpTo)),
      failingMs: failingSince === undefined ? undefined : Math.max(0, this.#context.clock.now() - failingSince),
      ...(upload !== undefined && { upload }),
    };
  }

  async run(): Promise<WatchSummary> {
    const { streams, tables } = this.#context;
    try {
      this.#upload = await openUpload(this.#options, this.#context);
      const source = await resolveStream(this.#context, this.#options);
      if (source !== undefined) await this.#archive(source);
    } finally {
      this.#ignored.close();
      streams.close();
      tables.close();
    }
    const elapsedMs = Math.round(this.#context.clock.monotonic() - this.#startedAt);
    const interrupted = !this.#complete;
    const { gaps, gapCount } = this.#tally;
    const isLoopback = streams.isLoopback === true;
    return {
      ...this.progress(),
      stream: this.#stream,
      elapsedMs,
      gaps,
      gapCount,
      interrupted,
      isLoopback,
      ...(this.#uploadFailure !== undefined && { uploadFailure: this.#uploadFailure }),
    };
  }

  /** For the lock record, which `status` reads. */
  #lockProgress(): LockProgress {
    const { shards, records, archived, getRecordsCalls } = this.progress();
    const { readUpTo } = this.#reader?.shards() ?? {};
    const { failingSince } = this.#context.retrier;
    const { failingMs } = this.#uploader?.progress() ?? {};
    const now = this.#context.clock.now();
    const isPriced = !this.#options.once && this.#context.streams.isLoopback !== true;
    return {
      shards,
      records,
      archived,
      getRecordsCalls,
      ...(readUpTo !== undefined && { readUpTo: new Date(readUpTo).toISOString() }),
      ...(failingSince !== undefined && { unreachableSince: new Date(failingSince).toISOString() }),
      ...(failingMs !== undefined && { uploadFailingSince: new Date(now - failingMs).toISOString() }),
      runningMs: Math.round(this.#context.clock.monotonic() - this.#startedAt),
      ...(isPriced && { isPriced }),
    };
  }

  /** Opens the archive; undefined when the signal aborts while another process's lock is observed. */
  async #open(source: Source): Promise<OpenArchive | undefined> {
    const { signal } = this.#context;
    const { TableName: table, ttlAttribute, keySchema } = source;
    const settings = { ...this.#options, table, ttlAttribute, keySchema, upload: this.#upload };
    try {
      return await openArchive(this.#context, settings, { signal, progress: () => this.#lockProgress() });
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined;
      throw error;
    }
  }

  async #archive(source: Source): Promise<void> {
    const archive = await this.#open(source);
    if (archive === undefined) return;
    this.#uploader = archive.uploader;
    const onLost = (): void => this.#lost.abort(archive.lost.reason);
    archive.lost.addEventListener('abort', onLost);
    if (archive.lost.aborted) onLost();
    const stopped = new AbortController();
    const heartbeats = new Heartbeats(this.#context, archive.journal, () => this.#reader);
    const beating = heartbeats.run(stopped.signal);
    beating.catch(() => undefined); // It is awaited below; until then a rejection must not count as unhandled.
    try {
      this.#complete = await this.#readStreams(archive, source);
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
  async #readStreams(archive: OpenArchive, source: Source): Promise<boolean> {
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
      ahead = this.#options.once ? [] : await this.#streams.next(state);
    }
    return this.#options.once;
  }

  async #readStream(archive: OpenArchive, stream: string, firstStart: boolean): Promise<StreamEnd> {
    const { log, tables } = this.#context;
    const { table, from, pollInterval, maxPollInterval } = this.#options;
    const { state } = archive.journal;
    this.#stream = stream;
    log.info({ event: 'stream.started', StreamArn: stream }, 'reading the stream');
    const sink = pageArchiver(
      { ...this.#context, ...archive, tally: this.#tally, ignoredLog: this.#ignored },
      { ...this.#options, stream, ttlAttribute: this.#streams.ttlAttribute },
    );
    const streams = confirmStreamGone(this.#context.streams, tables, table);
    this.#reader = new StreamReader(
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
    const end = await this.#reader.run();
    log.debug({ event: 'stream.ended', StreamArn: stream, end }, 'reading ended');
    return end;
  }
}
