import { errorKindOf, TtlArchiveError } from '../errors.js';
import type { Clock, Log, Random } from '../ports.js';

/** Longest wait between two attempts, in milliseconds (DESIGN rule 9). */
const LONGEST_WAIT = 30_000;
const FIRST_WAIT = 100;
/** A failure that keeps coming is told once in this time, with its count. */
const TELL_EVERY = 30_000;

/** Milliseconds before attempt `failures + 1`: exponential, with full jitter, at most 30 s. */
export function backoff(failures: number, random: Random): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 20));
}

/** When to stop trying. `watch` never does; `--once` does when the endpoint stays silent. */
export interface Patience {
  /** Milliseconds without a single success after which a run gives up. */
  readonly afterSuccess: number;
  /** Failures in a row after which a run gives up that never had a success. */
  readonly attemptsBeforeSuccess: number;
}

export const ENDLESS: Patience = { afterSuccess: Infinity, attemptsBeforeSuccess: Infinity };
export const ONCE: Patience = { afterSuccess: 60_000, attemptsBeforeSuccess: 4 };

/** Keeps count of calls that failed, over all shards: tells of them without repeating itself, and decides to give up. */
export class Retrier {
  readonly #tools: { clock: Clock; random: Random; log: Log };
  readonly #patience: Patience;
  readonly #told = new Map<string, { at: number; count: number }>();
  #succeeded = false;
  #streak = 0;
  #streakSince = 0;

  constructor(tools: { clock: Clock; random: Random; log: Log }, patience: Patience) {
    this.#tools = tools;
    this.#patience = patience;
  }

  /** A call has been answered. */
  succeed(): void {
    this.#succeeded = true;
    if (this.#streak === 0) return;
    if (this.#streak >= 10) this.#tools.log.info({ failures: this.#streak }, 'calls succeed again');
    this.#streak = 0;
  }

  /**
   * A call has failed and will be tried again.
   *
   * @throws TtlArchiveError UNREACHABLE when patience is at its end.
   */
  fail(operation: string, error: TtlArchiveError): void {
    const now = this.#tools.clock.now();
    if (this.#streak === 0) this.#streakSince = now;
    this.#streak++;
    this.#tell(operation, error, now);
    const over = this.#succeeded
      ? this.#streak >= this.#patience.attemptsBeforeSuccess && now - this.#streakSince >= this.#patience.afterSuccess
      : this.#streak >= this.#patience.attemptsBeforeSuccess;
    if (!over) return;
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

  #tell(operation: string, error: TtlArchiveError, now: number): void {
    const key = `${operation} ${error.code}`;
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < TELL_EVERY) {
      told.count++;
      return;
    }
    this.#told.set(key, { at: now, count: 0 });
    const failures = 1 + (told?.count ?? 0);
    this.#tools.log.warn({ operation, code: error.code, failures, reason: error.message }, 'call failed, trying again');
  }
}
