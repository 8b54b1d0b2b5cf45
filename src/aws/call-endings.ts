import { setMaxListeners } from 'node:events';

/**
 * Ends one call from outside. The SDK's request handler takes it in the place of an AbortSignal, of which one for each call
 * would take 10 µs to create, to listen to and to release (Node.js 20).
 */
export class CallEnding {
  aborted = false;
  reason: unknown;
  /** Set by the request handler. */
  onabort: (() => void) | null = null;
  readonly #reject: (reason: unknown) => void;

  constructor(reject: (reason: unknown) => void) {
    this.#reject = reject;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#reject(reason);
    this.onabort?.();
  }
}

/** The calls that follow one signal, and their common listener. */
interface Followers {
  readonly calls: Set<CallEnding>;
  readonly stop: () => void;
}

/** Ends the calls of one client: when their signal aborts, or after `ms`. */
export class CallEndings {
  readonly #ms: number;
  readonly #followers = new Map<AbortSignal, Followers>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * Makes a call. Rejects with the signal's reason or a TimeoutError as soon as the call has to end, whatever it waits for:
   * the SDK's lookup of credentials takes no signal.
   */
  run<T>(signal: AbortSignal | undefined, call: (ending: CallEnding) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ending = new CallEnding((reason) => {
        stop();
        reject(reason);
      });
      const timer = setTimeout(() => ending.abort(timeoutError(this.#ms)), this.#ms);
      const stop = () => {
        clearTimeout(timer);
        if (signal !== undefined) this.#unfollow(signal, ending);
      };
      if (signal !== undefined) this.#follow(signal, ending);
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V) => {
          stop();
          how(value);
        };
      call(ending).then(settle(resolve), settle(reject));
    });
  }

  #follow(signal: AbortSignal, ending: CallEnding): void {
    let followers = this.#followers.get(signal);
    if (followers === undefined) {
      const calls = new Set<CallEnding>();
      const onAbort = () => {
        for (const call of calls) call.abort(signal.reason);
      };
      // Others listen to it, too, and Node would warn of a leak at eleven.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', onAbort, { once: true });
      followers = { calls, stop: () => signal.removeEventListener('abort', onAbort) };
      this.#followers.set(signal, followers);
    }
    followers.calls.add(ending);
  }

  #unfollow(signal: AbortSignal, ending: CallEnding): void {
    const followers = this.#followers.get(signal);
    followers?.calls.delete(ending);
    if (followers?.calls.size !== 0) return;
    followers.stop();
    this.#followers.delete(signal);
  }
}

function timeoutError(ms: number): Error {
  return Object.assign(new Error(`no answer within ${ms} ms`), { name: 'TimeoutError' });
}
