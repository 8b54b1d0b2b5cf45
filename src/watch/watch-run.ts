import { TtlArchiveError } from '../errors.js';
import type { TableDescription, TimeToLive } from '../ports.js';
import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import { type StreamEnd, StreamReader } from '../stream/stream-reader.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import type { WatchOptions, WatchProgress, WatchSummary, WatchTools } from '../watch.js';
import { type OpenArchive, openArchive } from './open-archive.js';
import { pageArchiver, Tally } from './page-archiver.js';
import { trustingTheTable } from './table-stream.js';
import { TableStreams } from './table-streams.js';
import { unlessStopped } from './unless-stopped.js';

/** Options with every default filled in. */
export type WatchRunOptions = Required<Omit<WatchOptions, 'connection' | 'signal' | 'onArchived'>> &
  Pick<WatchOptions, 'signal' | 'onArchived'>;

/** Milliseconds between two lines in the journal that say how the idle shards stand. */
const HEARTBEAT = 5 * 60_000;

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
  readonly #streams: TableStreams;
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
    this.#streams = new TableStreams({ ...tools, retrier: this.#retrier, signal: this.#signal }, options);
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
    const found = await unlessStopped(this.#signal, retrier.attempt('DescribeTable', ask, this.#signal));
    if (found === undefined) return undefined;
    const [description, ttl] = found;
    const reason = whyNotArchivable(description, ttl, deletions);
    if (reason !== undefined) throw reason;
    if (ttl.attribute === undefined) {
      this.#tools.log.warn({ TableName: table }, 'TTL is off: nothing is deleted by TTL until it is switched on');
    }
    return { description, ttl };
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
    const firstStart = state.checkpoints.size === 0;
    let ahead = await this.#streams.first(state, latest);
    while (ahead.length > 0) {
      for (const stream of ahead) {
        const end = await this.#readStream(archive, stream, ttlAttribute, firstStart && stream === latest);
        if (end === 'stopped') return;
        this.#streams.markRead(stream);
      }
      ahead = this.#options.once ? [] : await this.#streams.next(state);
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
