import { type StreamEnd, StreamReader } from '../stream/stream-reader.js';
import type { OpenDestination } from './destination.js';
import type { IgnoredLog } from './ignored-log.js';
import type { RunOptions } from './options.js';
import { Stopped } from './page-deliverer.js';
import type { RunContext } from './run-context.js';
import type { RunProgress } from './run-progress.js';
import type { Source } from './source.js';
import { confirmStreamGone, promisedSince } from './table-stream.js';
import { TableStreams } from './table-streams.js';

interface Context extends RunContext {
  readonly progress: RunProgress;
  readonly ignored: IgnoredLog;
}

/** Reads the streams of a table, one after the other. */
export class TableReader {
  readonly #context: Context;
  readonly #options: RunOptions;
  readonly #streams: TableStreams;
  #stream = '';

  constructor(context: Context, options: RunOptions) {
    this.#context = context;
    this.#options = options;
    this.#streams = new TableStreams(context, options);
  }

  /** ARN of the stream that is read, or was read last; empty before the first one. */
  get stream(): string {
    return this.#stream;
  }

  /** False when the signal ended it. */
  async read(archive: OpenDestination, source: Source): Promise<boolean> {
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
      this.#context.progress.phase = 'waiting';
      ahead = await this.#streams.next(state);
    }
    return this.#options.once;
  }

  async #readStream(archive: OpenDestination, stream: string, firstStart: boolean): Promise<StreamEnd> {
    const { progress, ignored: ignoredLog, ...context } = this.#context;
    const { log, tables } = context;
    const { table, from, pollInterval, maxPollInterval } = this.#options;
    const { journal } = archive;
    const { state } = journal;
    this.#stream = stream;
    log.info({ event: 'stream.started', StreamArn: stream }, 'reading the stream');
    const sink = archive.pages(
      { ...context, journal, tally: progress.tally, ignoredLog },
      { ...this.#options, stream, ttlAttribute: this.#streams.ttlAttribute },
    );
    const streams = confirmStreamGone(context.streams, tables, table);
    const reader = new StreamReader(
      { ...context, streams, sink },
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
    progress.reader = reader;
    progress.phase = 'reading';
    const end = await reader.run().catch((error: unknown): StreamEnd => {
      if (error instanceof Stopped) return 'stopped';
      throw error;
    });
    log.debug({ event: 'stream.ended', StreamArn: stream, end }, 'reading ended');
    return end;
  }
}
