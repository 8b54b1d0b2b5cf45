import { errorKindOf, hasCode, TtlArchiveError } from '../errors.js';
import { lossSince } from './loss.js';
import { ALL_SHARDS, childless, denied, type Missing, skipped, trimmed, unread, vanished } from './missing-records.js';
import type { Halt, StreamReaderOptions, StreamReaderTools } from './reading.js';
import { backoff } from './retry.js';
import { checkpointOf, loseIterator, readUpTo, type ShardProgress } from './shard-progress.js';
import type { StreamShards } from './stream-shards.js';

/**
 * A shard that is said not to exist, and yet is listed or too young to be trimmed, is asked for so often before that is
 * believed: for half a minute, and for less than the patience of `--once`.
 */
const MOST_DENIALS = 8;
/** Answers that are waited for when the time that they tell is in doubt. */
const MAX_CONFIRMATIONS = 5;
/** Failures in a row, of whatever kind, from which on they count as the endpoint's. */
const MANY_FAILURES = 4;

/** How the reading goes on after a call that failed, and what is written down of records that are lost. */
export class ShardFaults {
  readonly #tools: StreamReaderTools;
  readonly #options: StreamReaderOptions;
  readonly #shards: StreamShards;

  constructor(tools: StreamReaderTools, options: StreamReaderOptions, shards: StreamShards) {
    this.#tools = tools;
    this.#options = options;
    this.#shards = shards;
  }

  /** A call for a shard has failed: schedules the next one, or ends the shard. Rejects when going on is impossible. */
  async onError(progress: ShardProgress, error: unknown, halt: Halt): Promise<void> {
    const { clock, random, retrier } = this.#tools;
    if (!(error instanceof TtlArchiveError)) throw error;
    const kind = errorKindOf(error);
    if (kind === 'stop') throw error;
    progress.failures++;
    if (kind === 'retry' || progress.failures >= MANY_FAILURES) retrier.fail('GetRecords', error);
    if (kind === 'renew') loseIterator(progress);
    if (kind === 'shard') {
      // What was read before is kept before anything is concluded.
      await progress.writing.at(-1);
      if (halt.signal.aborted) return;
      if (error.code === 'TRIMMED') await this.#onTrimmed(progress, halt.signal);
      else if (await this.#onMissing(progress, halt)) return;
    }
    const wait = kind !== 'retry' && progress.failures === 1 ? 0 : backoff(progress.failures, random);
    this.#shards.schedule(progress, clock.now() + wait);
  }

  /** An iterator at the trim horizon was given. */
  async onHorizon(progress: ShardProgress, signal: AbortSignal): Promise<void> {
    const missing = skipped(progress, this.#options.StreamArn, await this.#confirmedNow(signal));
    if (missing !== undefined) await this.#record(progress.ShardId, missing);
  }

  onListingFailed(error: unknown, halt: Halt): void {
    if (halt.signal.aborted) return;
    if (hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) {
      halt.gone = true;
      halt.end();
    } else halt.fail(error);
  }

  /** The first listing shows no shard: a stream that was never read is too old to be read. */
  async onNoShards(signal: AbortSignal): Promise<void> {
    const { known, StreamArn, promisedSince } = this.#options;
    if (known.size > 0 || promisedSince === undefined) return;
    const missing = unread(StreamArn, promisedSince, await this.#confirmedNow(signal));
    if (missing !== undefined) await this.#record(ALL_SHARDS, missing);
  }

  /** None of the children of shards that have ended is listed. */
  async onChildless(ShardIds: readonly string[], signal: AbortSignal): Promise<void> {
    const now = await this.#confirmedNow(signal);
    for (const ShardId of ShardIds) {
      const progress = this.#shards.lineage.shards.get(ShardId);
      const missing = progress && childless(progress, this.#options.StreamArn, now);
      if (missing !== undefined) await this.#record(ShardId, missing);
    }
  }

  /** No shard of the stream can be read any more. */
  async onStreamGone(signal: AbortSignal): Promise<void> {
    const { known, StreamArn } = this.#options;
    const { log, sink } = this.#tools;
    const now = await this.#confirmedNow(signal);
    const { shards } = this.#shards.lineage;
    if (shards.size === 0) this.#shards.lineage.add([...this.#shards.adoptUnlisted(new Set())]);
    // DynamoDB Local in memory forgets its streams when it is restarted; its region is `ddblocal`.
    const forgotten = StreamArn.includes(':ddblocal:');
    if (shards.size === 0 && !forgotten) await this.onNoShards(signal);
    const left = [...shards.values()].filter(
      ({ state, unlisted, ShardId }) => state !== 'ended' && (!unlisted || known.has(ShardId)),
    );
    if (shards.size > 0 && left.length === 0) return;
    log.warn(
      { event: 'stream.gone', StreamArn, forgotten },
      forgotten ? 'DynamoDB Local has forgotten the stream' : 'the stream is gone',
    );
    for (const progress of left) {
      if (!forgotten) await this.#record(progress.ShardId, vanished(progress, StreamArn, now));
      else await sink.record([{ type: 'checkpoint', ...checkpointOf(progress, StreamArn, now, true) }]);
      progress.state = 'ended';
    }
  }

  async #onTrimmed(progress: ShardProgress, signal: AbortSignal): Promise<void> {
    const now = await this.#confirmedNow(signal);
    const atHorizon = progress.fromHorizon || progress.position === 'TRIM_HORIZON';
    const missing = trimmed(progress, this.#options.StreamArn, now);
    // The horizon itself moved on between two calls: nothing to write down unless something was lost.
    if (!atHorizon || missing.gap !== undefined) await this.#record(progress.ShardId, missing);
  }

  /** The stream says that the shard does not exist. Gives whether that settles the shard. */
  async #onMissing(progress: ShardProgress, halt: Halt): Promise<boolean> {
    const { known, StreamArn } = this.#options;
    const { awsTime, sink } = this.#tools;
    const guessedAt = await this.#confirmedNow(halt.signal);
    if (this.#shards.isReplaced(progress)) return true;
    if (this.#shards.isGuess(progress)) {
      const missing = vanished(progress, StreamArn, guessedAt);
      if (missing.gap !== undefined || known.has(progress.ShardId)) await this.#record(progress.ShardId, missing);
      else sink.note(checkpointOf(progress, StreamArn, guessedAt, true));
      this.#shards.forget(progress);
      return true;
    }
    try {
      const { shards } = await this.#shards.discovery.refresh(halt.signal);
      const listed = shards.some(({ ShardId }) => ShardId === progress.ShardId);
      loseIterator(progress);
      // Answers come from servers of which some do not know a new shard yet.
      const tooYoung = lossSince(readUpTo(progress), awsTime.now()) === undefined;
      if ((listed || tooYoung) && ++progress.missing < MOST_DENIALS) return false;
      const conclude = listed ? denied : vanished;
      await this.#record(progress.ShardId, conclude(progress, StreamArn, awsTime.now()));
      this.#shards.end(progress);
    } catch (error) {
      this.onListingFailed(error, halt);
    }
    return true;
  }

  /**
   * AWS's time, for deciding about loss. When the last answer told another time than those before, further answers have
   * to confirm it first: this machine may have slept for a day, or the answer may be wrong.
   */
  async #confirmedNow(signal: AbortSignal): Promise<number> {
    const { awsTime } = this.#tools;
    for (let tries = 0; awsTime.isDoubtful && !signal.aborted && tries < MAX_CONFIRMATIONS; tries++) {
      try {
        await this.#shards.discovery.refresh(signal);
      } catch (error) {
        // That the stream is gone is an answer, too.
        if (!signal.aborted && !hasCode(error, 'STREAM_OR_SHARD_NOT_FOUND')) throw error;
      }
    }
    return awsTime.now();
  }

  async #record(ShardId: string, { gap, lines }: Missing): Promise<void> {
    const { log, sink } = this.#tools;
    await sink.record(lines);
    if (gap === undefined) {
      log.info({ event: 'shard.trimmed', ShardId }, 'trimmed after it was read: nothing is lost');
      return;
    }
    const { cause, from, to, reason } = gap;
    log.error(
      { event: 'gap.found', ShardId, cause, from, to, reason },
      'gap: records may have been lost before they were read',
    );
  }
}
