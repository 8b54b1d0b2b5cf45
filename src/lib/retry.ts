import { errorKindOf } from '../errors.js';
import type { Clock, Random } from '../ports/index.js';

const FIRST_WAIT = 50;
const MAX_WAIT = 20_000;
/** With full jitter the waits add up to about 90 seconds. */
const MAX_ATTEMPTS = 16;

export interface RetryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  /** Maximum number of calls (default: 16). */
  readonly attempts?: number | undefined;
}

/**
 * Retries after throttling, a 5xx or a network fault, with exponential backoff and full jitter. `call` gets the number of
 * the attempt, because an earlier attempt whose response was lost may have succeeded.
 *
 * @throws the error of `call` when it cannot be retried, or after the last attempt.
 */
export async function withRetry<T>(
  call: (attempt: number) => Promise<T>,
  { clock, random, signal, attempts = MAX_ATTEMPTS }: RetryContext,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (errorKindOf(error) !== 'retry' || attempt >= attempts) throw error;
      await clock.sleep(random() * Math.min(MAX_WAIT, FIRST_WAIT * 2 ** attempt), signal);
      signal?.throwIfAborted();
    }
  }
}
