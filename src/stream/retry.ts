import { errorKindOf, hasCode, TtlArchiveError } from '../errors.js';
import type { Clock, Log, Random } from '../ports/index.js';

/** Longest wait between two attempts, in milliseconds: after an outage reading goes on within this time. */
export const LONGEST_WAIT = 30_000;
const FIRST_WAIT = 100;
/** A failure that keeps coming is told once in this time, with its count. */
const TELL_EVERY = 30_000;

/** Milliseconds before attempt `failures + 1`: exponential, with full jitter, at most 30 s. */
export function backoff(failures: number, random: Random): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 20));
}

/** When to stop trying. `watch` never does; `--once` does when the endpoint stays silent. */
export interface Patience {
  /** Failures in a row after which a run may give up, and does when it never got any answer. */
  readonly attempts: number;
  /** Milliseconds without a single success after which a run gives up to which something did answer. */
  readonly onceAnswered: number;
}

export const ENDLESS: Patience = { attempts: Infinity, onceAnswered: Infinity };
export const ONCE: Patience = { attempts: 4, onceAnswered: 60_000 };

/** Keeps count of calls that failed, over all shards: tells of them without repeating itself, and decides to give up. */
export class Retrier {
  readonly #tools: { clock: Clock; random: Random; log: Log };
  readonly #patience: Patience;
  readonly #told = new Map<string, { at: number; count: number }>();
  /** Something is there: it has answered, be it with an error. */
  #answered = false;
  #streak = 0;
  #streakSince = 0;
  /** The same by the monotonic clock: a clock that jumps must not end the patience. */
  #streakStart = 0;

  constructor(tools: { clock: Clock; random: Random; log: Log }, patience: Patience) {
    this.#tools = tools;
    this.#patience = patience;
  }

  /** Since when every call has failed, in epoch milliseconds; undefined while calls succeed. */
  get failingSince(): number | undefined {
    return this.#streak === 0 ? undefined : this.#streakSince;
  }

  /** A call has succeeded. */
  succeed(): void {
    this.#answered = true;
    if (this.#streak === 0) return;
    if (this.#streak >= 10)
      this.#tools.log.info({ event: 'calls.recovered', failures: this.#streak }, 'calls succeed again');
    this.#streak = 0;
  }

  /**
   * A call has failed and will be tried again.
   *
   * @throws TtlArchiveError UNREACHABLE when patience is at its end.
   */
  fail(operation: string, error: TtlArchiveError): void {
    const now = this.#tools.clock.now();
    const monotonic = this.#tools.clock.monotonic();
    if (this.#streak === 0) {
      this.#streakSince = now;
      this.#streakStart = monotonic;
    }
    this.#streak++;
    this.#hear(error);
    this.#tell(operation, error, now);
    const { attempts, onceAnswered } = this.#patience;
    if (this.#streak < attempts || (this.#answered && monotonic - this.#streakStart < onceAnswered)) return;
    throw new TtlArchiveError('UNREACHABLE', error.message, {
      remedy: error.remedy ?? 'Check the endpoint and the network, then start again: nothing archived is lost.',
      cause: error,
    });
  }

  /** Calls until it succeeds, the signal aborts (rejects with its reason), or trying again cannot help. */
  async attempt<T>(operation: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        const result = await call();
        this.succeed();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof TtlArchiveError) || errorKindOf(error) !== 'retry') throw error;
        this.fail(operation, error);
        await this.#tools.clock.sleep(backoff(failures, this.#tools.random), signal);
      }
    }
  }

  /** Takes note that a call that is one of several in an attempt was answered, even if another one fails the attempt. */
  async heard<T>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.#answered = true;
      return answer;
    } catch (error) {
      this.#hear(error);
      throw error;
    }
  }

  #hear(error: unknown): void {
    if (!hasCode(error, 'NETWORK')) this.#answered = true;
  }

  #tell(operation: string, error: TtlArchiveError, now: number): void {
    const key = `${operation} ${error.code}`;
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < TELL_EVERY) {
      told.count++;
      return;
    }
    this.#told.set(key, { at: now, count: 0 });
    const failures = 1 + (told?.count ?? 0);
    this.#tools.log.warn(
      { event: 'call.failed', operation, code: error.code, failures, reason: error.message },
      'call failed, trying again',
    );
  }
}
