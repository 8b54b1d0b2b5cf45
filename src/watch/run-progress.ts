import type { LockProgress } from '../lock/lock-record.js';
import type { StreamReader } from '../stream/stream-reader.js';
import type { Uploader } from '../upload/uploader.js';
import { judgeHealth, UNREACHABLE_AFTER } from './health.js';
import { HealthLog } from './health-log.js';
import type { WatchRunOptions } from './options.js';
import type { RunContext } from './run-context.js';
import { StallTimer } from './stall-timer.js';
import type { WatchProgress } from './summary.js';
import { Tally } from './tally.js';

/** How far a run has come. The run says what it does; the numbers are read from the parts that have them. */
export class RunProgress {
  readonly tally = new Tally();
  /** `waiting`: all streams are read to their end, and the table's next one is awaited. */
  phase: 'starting' | 'reading' | 'waiting' | 'ended' = 'starting';
  /** Of the stream that is read, or was read last. */
  reader: StreamReader | undefined;
  uploader: Pick<Uploader, 'progress'> | undefined;
  readonly #context: RunContext;
  readonly #options: Pick<WatchRunOptions, 'once' | 'maxLag'>;
  readonly #stallTimer: StallTimer;
  readonly #healthLog: HealthLog;
  readonly #startedAt: number;
  #isReady = false;

  constructor(context: RunContext, options: Pick<WatchRunOptions, 'once' | 'maxLag'>) {
    this.#context = context;
    this.#options = options;
    this.#stallTimer = new StallTimer(context.clock);
    this.#healthLog = new HealthLog(context.log);
    this.#startedAt = context.clock.monotonic();
  }

  get elapsedMs(): number {
    return Math.round(this.#context.clock.monotonic() - this.#startedAt);
  }

  progress(): WatchProgress {
    const { streams, retrier, awsTime } = this.#context;
    const { records, archived, archivedBytes, archivedAs, lastArchivedAt, ignored, gapCount } = this.tally;
    const { open = 0, behind = 0, ended = 0 } = this.reader?.shards() ?? {};
    const readUpTo = this.#readUpTo();
    const { failingMs } = retrier;
    const upload = this.uploader?.progress();
    this.#isReady ||= this.reader?.isListed === true;
    return {
      isReady: this.#isReady && this.phase !== 'ended',
      shards: { open, behind, ended },
      records,
      archived,
      archivedBytes,
      archivedAs: { ...archivedAs },
      lastArchivedAt,
      ignored: { ...ignored },
      gapCount,
      getRecordsCalls: streams.getRecordsCalls,
      isLoopback: streams.isLoopback === true,
      retries: Object.fromEntries(retrier.retries),
      maxLagMs: this.#options.maxLag,
      lagMs: readUpTo === undefined ? undefined : Math.max(0, Math.round(awsTime.now() - readUpTo)),
      failingMs: failingMs === undefined ? undefined : Math.round(failingMs),
      stalledMs: this.#stalledMs(readUpTo),
      ...(upload !== undefined && { upload }),
    };
  }

  /** For the lock record, which `status` reads. It is renewed every few seconds, so this also logs a change of the health. */
  lockProgress(): LockProgress {
    const progress = this.progress();
    const { shards, records, archived, getRecordsCalls, isLoopback } = progress;
    const { lagMs, maxLagMs, failingMs, stalledMs, upload } = progress;
    this.#healthLog.update(judgeHealth({ ...progress, isPaused: upload?.isPaused }));
    const readUpTo = this.#readUpTo();
    const { clock, retrier } = this.#context;
    const { failingSince } = retrier;
    const uploadFailingMs = upload?.failingMs;
    return {
      shards,
      records,
      archived,
      getRecordsCalls,
      ...(readUpTo !== undefined && { readUpTo: new Date(readUpTo).toISOString() }),
      ...(lagMs !== undefined && { lagMs }),
      maxLagMs,
      ...(failingSince !== undefined && { unreachableSince: new Date(failingSince).toISOString() }),
      ...(failingMs !== undefined && { failingMs }),
      ...(uploadFailingMs !== undefined && {
        uploadFailingSince: new Date(clock.now() - uploadFailingMs).toISOString(),
      }),
      stalledMs,
      runningMs: this.elapsedMs,
      ...(!this.#options.once && !isLoopback && { isPriced: true }),
    };
  }

  /** While the next stream is awaited, nothing is unread that existed at the last successful look for one. */
  #readUpTo(): number | undefined {
    const { awsTime, retrier } = this.#context;
    if (this.phase === 'waiting') return awsTime.now() - (retrier.failingMs ?? 0);
    return this.reader?.shards().readUpTo;
  }

  #stalledMs(readUpTo: number | undefined): number {
    const isUnreachable = (this.#context.retrier.failingMs ?? 0) >= UNREACHABLE_AFTER;
    return this.#stallTimer.sample(readUpTo, isUnreachable || this.phase === 'ended');
  }
}
