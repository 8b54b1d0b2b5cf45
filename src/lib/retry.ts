import { errorKindOf } from '../errors.js';
import type { Clock, Random } from '../ports/index.js';

const FIRST_WAIT = 50;
const LONGEST_WAIT = 20_000;
/** With full jitter the waits add up to about a minute and a half. */
const MOST_ATTEMPTS = 16;

export interface RetryTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls again after throttling, a 5xx or a network fault: exponential backoff with full jitter. `call` is told which
 * attempt it is: after a lost answer an earlier one may have been carried out all the same.
 *
 * @throws what `call` throws when it is of another kind, or after the last attempt.
 */
export async function withRetry<T>(
  call: (attempt: number) => Promise<T>,
  { clock, random, signal }: RetryTools,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (errorKindOf(error) !== 'retry' || attempt >= MOST_ATTEMPTS) throw error;
      await clock.sleep(random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt), signal);
      signal?.throwIfAborted();
    }
  }
}
