import { TtlArchiveError } from '../errors.js';
import type { Heartbeat, Journal } from '../ports/index.js';
import { MAX_DROPPED } from '../shards/droppable-shards.js';
import type { StreamReader } from '../stream/stream-reader.js';
import type { RunContext } from './run-context.js';
import { heartbeatsOfStreamsOver } from './streams-over.js';

/** Milliseconds between two heartbeats. */
const INTERVAL = 5 * 60_000;

/** Writes the journal lines that say of all idle shards at once that they were caught up. */
export class Heartbeats {
  readonly #context: RunContext;
  readonly #journal: Journal;
  readonly #reader: () => StreamReader | undefined;
  /** GetRecords calls that previous heartbeats have counted. */
  #countedCalls = 0;

  constructor(context: RunContext, journal: Journal, reader: () => StreamReader | undefined) {
    this.#context = context;
    this.#journal = journal;
    this.#reader = reader;
  }

  /** Commits a heartbeat every five minutes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#context.clock.sleep(INTERVAL, signal);
      if (signal.aborted) return;
      // A journal that cannot be written ends the reading by itself, with the next page.
      await this.commit().catch((error: unknown) => {
        if (!(error instanceof TtlArchiveError)) throw error;
      });
    }
  }

  async commit(): Promise<void> {
    const { awsTime, streams } = this.#context;
    for (let isFull = true; isFull; ) {
      const heartbeat = this.#reader()?.heartbeat();
      if (heartbeat === undefined) return;
      const getRecordsCalls = streams.getRecordsCalls - this.#countedCalls;
      this.#countedCalls += getRecordsCalls;
      const own: Heartbeat = { ...heartbeat, getRecordsCalls, ...(awsTime.isKnown && { awsTime: true }) };
      const heartbeats = [own, ...heartbeatsOfStreamsOver(this.#journal.state, heartbeat.stream, awsTime)];
      await this.#journal.commit(heartbeats.map((each) => ({ type: 'heartbeat', ...each })));
      isFull = heartbeats.some(({ dropped = [] }) => dropped.length === MAX_DROPPED);
    }
  }
}
