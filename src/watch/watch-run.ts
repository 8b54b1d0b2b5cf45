import { TtlArchiveError } from '../errors.js';
import type { JournalState, TableDescription, TimeToLive } from '../ports.js';
import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import { type StreamEnd, StreamReader } from '../stream/stream-reader.js';
import { findTable } from '../table/wait-for-table.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import type { WatchOptions, WatchProgress, WatchSummary, WatchTools } from '../watch.js';
import { type OpenArchive, openArchive } from './open-archive.js';
import { pageArchiver, Tally } from './page-archiver.js';
import { inOrderOfCreation, trustingTheTable } from './table-stream.js';

/** Options with every default filled in. */
export type WatchRunOptions = Required<Omit<WatchOptions, 'connection' | 'signal' | 'onArchived'>> &
  Pick<WatchOptions, 'signal' | 'onArchived'>;

/** Milliseconds between two lines in the journal that say how the idle shards stand. */
const HEARTBEAT = 5 * 60_000;
/** Milliseconds between two looks for the table's next stream, once the last one is read to its end. */
const NEXT_STREAM = 5_000;

interface Table {
  readonly description: TableDescription;
  readonly ttl: TimeToLive;
}

/** One run of `watch`: finds the table's streams, opens the archive, and reads one stream after the other. */
export class WatchRun {
  readonly #options: WatchRunOptions;
  readonly #tools: WatchTools;
  readonly #tally = new Tally();
  readonly #retrier: Retrier;
  readonly #signal: AbortSignal;
  readonly #startedAt: number;
  #reader: StreamReader | undefined;
  #stream = '';
  #callsTold = 0;

  constructor(options: WatchRunOptions, tools: WatchTools) {
    this.#options = options;
    this.#tools = tools;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#startedAt = tools.clock.now();
    this.#retrier = new Retrier(tools, options.once ? ONCE : ENDLESS);
  }

  progress(): WatchProgress {
    const shards = this.#reader?.shards();
    const { records, archived, archivedBytes, ignored } = this.#tally;
    return {
      shards: { open: shards?.open ?? 0, behind: shards?.behind ?? 0, ended: shards?.ended ?? 0 },
      records,
      archived,
      archivedBytes,
      ignored: { ...ignored },
      getRecordsCalls: this.#tools.streams.getRecordsCalls,
      lagMs: shards?.readUpTo === undefined ? undefined : Math.max(0, this.#tools.clock.now() - shards.readUpTo),
    };
  }

  async run(): Promise<WatchSummary> {
    const { streams, tables } = this.#tools;
    try {
      const table = await this.#findTable();
      if (table !== undefined) await this.#archive(table);
    } finally {
      streams.close();
      tables.close();
    }
    const elapsedMs = this.#tools.clock.now() - this.#startedAt;
    return { ...this.progress(), stream: this.#stream, elapsedMs, gaps: this.#tally.gaps };
  }

  /** The table as it is; undefined when the signal came first. */
  async #findTable(): Promise<Table | undefined> {
    const { tables } = this.#tools;
    const { table, deletions } = this.#options;
    const retrier = this.#retrier;
    const ask = () =>
      Promise.all([
        retrier.heard(tables.describeTable(table, this.#signal)),
        retrier.heard(tables.describeTimeToLive(table, this.#signal)),
      ]);
    try {
      const [description, ttl] = await retrier.attempt('DescribeTable', ask, this.#signal);
      const reason = whyNotArchivable(description, ttl, deletions);
      if (reason !== undefined) throw reason;
      if (ttl.attribute === undefined) {
        this.#tools.log.warn({ TableName: table }, 'TTL is off: nothing is deleted by TTL until it is switched on');
      }
      return { description, ttl };
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      throw error;
    }
  }

  async #archive({ description, ttl }: Table): Promise<void> {
    const archive = await openArchive(this.#tools, { ...this.#options, ttlAttribute: ttl.attribute });
    const heartbeats = new AbortController();
    const beating = this.#beat(archive, heartbeats.signal);
    beating.catch(() => undefined); // It is awaited below; until then a rejection must not count as unhandled.
    try {
      await this.#readStreams(archive, description.LatestStreamArn ?? '', ttl.attribute);
      heartbeats.abort();
      await beating;
      await this.#heartbeat(archive);
    } catch (error) {
      // What broke the reading is told, not what else breaks on the way out.
      heartbeats.abort();
      await Promise.allSettled([beating, archive.close()]);
      throw error;
    }
    await archive.close();
  }

  async #readStreams(archive: OpenArchive, latest: string, ttlAttribute: string | undefined): Promise<void> {
    const { state } = archive.journal;
    const { once } = this.#options;
    const firstStart = state.checkpoints.size === 0;
    const read = new Set<string>();
    let ahead = inOrderOfCreation([...unfinishedStreams(state), latest]);
    for (;;) {
      for (const stream of ahead) {
        const end = await this.#readStream(archive, stream, ttlAttribute, firstStart && stream === latest);
        if (end === 'stopped') return;
        read.add(stream);
      }
      if (once) return;
      const next = await this.#nextStream(read);
      if (next === undefined) return;
      ahead = [next];
    }
  }

  async #readStream(
    archive: OpenArchive,
    stream: string,
    ttlAttribute: string | undefined,
    firstStart: boolean,
  ): Promise<StreamEnd> {
    const { clock, log, random, tables } = this.#tools;
    const { table, once, from, deletions, format, concurrency, pollInterval, maxPollInterval, onArchived } =
      this.#options;
    const { store, journal } = archive;
    this.#stream = stream;
    log.info({ StreamArn: stream }, 'reading the stream');
    const sink = pageArchiver(
      { store, journal, log, tally: this.#tally, now: () => clock.now() },
      { stream, deletions, format, ttlAttribute, onArchived },
    );
    const streams = trustingTheTable(this.#tools.streams, tables, table);
    this.#reader = new StreamReader(
      { streams, sink, clock, random, log, retrier: this.#retrier },
      {
        StreamArn: stream,
        once,
        from: firstStart ? from : 'trim-horizon',
        pace: { pollInterval, maxPollInterval: Math.max(pollInterval, maxPollInterval) },
        concurrency,
        known: new Map(journal.state.checkpoints.get(stream)),
      },
    );
    try {
      const end = await this.#reader.run(this.#signal);
      log.debug({ StreamArn: stream, end }, 'reading ended');
      return end;
    } finally {
      this.#tally.gaps.push(...this.#reader.gaps);
    }
  }

  /** Waits until the table has a stream that has not been read yet; undefined when the signal came first. */
  async #nextStream(read: ReadonlySet<string>): Promise<string | undefined> {
    const { clock, log, tables } = this.#tools;
    const { table, deletions } = this.#options;
    let told = false;
    while (!this.#signal.aborted) {
      const ask = () => findTable({ tables, signal: this.#signal }, table);
      const description = await this.#retrier.attempt('DescribeTable', ask, this.#signal).catch((error: unknown) => {
        if (this.#signal.aborted) return undefined;
        throw error;
      });
      const next = description?.LatestStreamArn;
      if (description !== undefined && next !== undefined && !read.has(next)) {
        const reason = whyNotArchivable(description, undefined, deletions === 'inferred' ? 'ttl' : deletions);
        if (reason !== undefined) throw reason;
        return next;
      }
      if (!told && !this.#signal.aborted) {
        log.warn(
          { TableName: table },
          description === undefined
            ? 'the table is gone and its stream is read to its end: waiting for it to come back'
            : 'the stream is switched off and read to its end: waiting for a new one',
        );
        told = true;
      }
      await clock.sleep(NEXT_STREAM, this.#signal);
    }
    return undefined;
  }

  async #beat(archive: OpenArchive, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tools.clock.sleep(HEARTBEAT, signal);
      if (signal.aborted) return;
      // A journal that cannot be written ends the reading by itself, with the next page.
      await this.#heartbeat(archive).catch((error: unknown) => {
        if (!(error instanceof TtlArchiveError)) throw error;
      });
    }
  }

  async #heartbeat({ journal }: OpenArchive): Promise<void> {
    const heartbeat = this.#reader?.heartbeat();
    if (heartbeat === undefined) return;
    const calls = this.#tools.streams.getRecordsCalls;
    const getRecordsCalls = calls - this.#callsTold;
    this.#callsTold = calls;
    await journal.commit([{ type: 'heartbeat', ...heartbeat, getRecordsCalls }]);
  }
}

/** Streams of earlier runs with a shard whose end has not been read. */
function unfinishedStreams(state: JournalState): string[] {
  return [...state.checkpoints]
    .filter(([, shards]) => [...shards.values()].some(({ position }) => position !== 'SHARD_END'))
    .map(([stream]) => stream);
}
