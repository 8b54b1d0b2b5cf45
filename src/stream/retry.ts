import { type ErrorCode, errorKindOf, hasCode, TtlArchiveError } from '../errors.js';
import type { Clock, Log, Random } from '../ports/index.js';

/** Longest wait between two attempts, in milliseconds: after an outage reading goes on within this time. */
export const LONGEST_WAIT = 30_000;
const FIRST_WAIT = 100;
/** A repeated failure is logged once in this time, in milliseconds, with its count. */
const LOG_INTERVAL = 30_000;
/** After so many failures in a row the log says that calls succeed again. */
const LONG_OUTAGE = 10;

/** Milliseconds before attempt `failures + 1`: exponential, with full jitter, at most 30 s. */
export function backoff(failures: number, random: Random): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 20));
}

/** When to stop retrying. `watch` never does; `--once` does when the endpoint does not respond. */
export interface RetryPolicy {
  /** Consecutive failures after which a run ends whose endpoint has never responded. */
  readonly maxFailures: number;
  /** Milliseconds without a success after which a run ends whose endpoint has responded before. */
  readonly maxOutage: number;
}

export const ENDLESS: RetryPolicy = { maxFailures: Infinity, maxOutage: Infinity };
export const ONCE: RetryPolicy = { maxFailures: 4, maxOutage: 60_000 };

/** By operation and code: when a failure was last logged, and failures since then. */
export type LoggedFailures = Map<string, { at: number; count: number }>;

interface RetrierContext {
  /** Shared with the retriers of other tables, so that an outage is not logged by each of them. */
  readonly loggedFailures?: LoggedFailures | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Retries calls. Counts failures over all shards, logs them without repeating itself, and decides when to stop. */
export class Retrier {
  readonly #context: RetrierContext;
  readonly #policy: RetryPolicy;
  readonly #logged: LoggedFailures;
  readonly #retries = new Map<ErrorCode, number>();
  /** The endpoint has responded, be it with an error. */
  #hasResponded = false;
  /** Failures since the last success. The monotonic clock measures, since the other one may jump. */
  #outage: { failures: number; readonly since: number; readonly monotonicSince: number } | undefined;

  constructor(context: RetrierContext, policy: RetryPolicy) {
    this.#context = context;
    this.#policy = policy;
    this.#logged = context.loggedFailures ?? new Map();
  }

  /** Since when every call has failed, in epoch milliseconds; undefined while calls succeed. */
  get failingSince(): number | undefined {
    return this.#outage?.since;
  }

  /** The same as milliseconds until now, which a jump of the machine's clock does not change. */
  get failingMs(): number | undefined {
    return this.#outage && this.#context.clock.monotonic() - this.#outage.monotonicSince;
  }

  /** Calls that failed and were retried, by the code of their error. */
  get retries(): ReadonlyMap<ErrorCode, number> {
    return this.#retries;
  }

  /** A call has failed for a reason of its own, and is retried: that is no outage. */
  count({ code }: TtlArchiveError): void {
    this.#retries.set(code, (this.#retries.get(code) ?? 0) + 1);
  }

  /** A call has succeeded. */
  succeed(): void {
    const failures = this.#outage?.failures ?? 0;
    this.#hasResponded = true;
    this.#outage = undefined;
    if (failures >= LONG_OUTAGE) this.#context.log.info({ event: 'calls.recovered', failures }, 'calls succeed again');
  }

  /**
   * A call has failed and will be retried.
   *
   * @throws TtlArchiveError UNREACHABLE when the policy ends the retries.
   */
  fail(operation: string, error: TtlArchiveError): void {
    const { clock } = this.#context;
    this.count(error);
    const monotonic = clock.monotonic();
    this.#outage ??= { failures: 0, since: clock.now(), monotonicSince: monotonic };
    const failures = ++this.#outage.failures;
    if (!hasCode(error, 'NETWORK')) this.#hasResponded = true;
    this.#log(operation, error, clock.now());
    const mayEnd = !this.#hasResponded || monotonic - this.#outage.monotonicSince >= this.#policy.maxOutage;
    if (failures < this.#policy.maxFailures || !mayEnd) return;
    throw new TtlArchiveError('UNREACHABLE', error.message, {
      remedy: error.remedy ?? 'Check the endpoint and the network, then start again: nothing archived is lost.',
      cause: error,
    });
  }

  /** Calls until it succeeds, the signal aborts (rejects with its reason), or retrying cannot help. */
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
        await this.#context.clock.sleep(backoff(failures, this.#context.random), signal);
      }
    }
  }

  /** Records that the endpoint has responded to one of an attempt's calls, even if another one fails the attempt. */
  recordResponse<T>(call: Promise<T>): Promise<T> {
    const record = (error?: unknown): void => {
      if (!hasCode(error, 'NETWORK')) this.#hasResponded = true;
    };
    void call.then(() => record(), record);
    return call;
  }

  #log(operation: string, error: TtlArchiveError, now: number): void {
    const { code, message: reason } = error;
    const key = `${operation} ${code}`;
    const logged = this.#logged.get(key);
    if (logged !== undefined && now - logged.at < LOG_INTERVAL) {
      logged.count++;
      return;
    }
    this.#logged.set(key, { at: now, count: 0 });
    const failures = 1 + (logged?.count ?? 0);
    this.#context.log.warn({ event: 'call.failed', operation, code, failures, reason }, 'call failed, retrying');
  }
}
