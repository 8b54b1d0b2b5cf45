import type { ReceivedDeletion, TtlDeletion } from '../ports/index.js';
import { type Receiver, Stopped, type Taking } from '../watch/page-deliverer.js';

/** Deletions between the reading and a consumer that acknowledges them. */
export class DeletionQueue implements Receiver {
  readonly #signal: AbortSignal;
  #waiting: ReceivedDeletion[] = [];
  /** Ends the pages that are not acknowledged. */
  readonly #pages = new Set<() => void>();
  #isStopped = false;
  #wake = (): void => undefined;
  readonly wake = (): void => this.#wake();

  /** @param signal The consumer's: when it aborts, what was handed out can still be acknowledged, until `stop`. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Resolves at the next `wake`. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  shift(): ReceivedDeletion | undefined {
    return this.#waiting.shift();
  }

  /** Nothing more is acknowledged. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
    for (const end of this.#pages) end();
  }

  take(deletions: readonly TtlDeletion[], { advance, signal }: Taking): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) {
        reject(new Stopped());
        return;
      }
      let isOver = false;
      const settle = (how: () => void): void => {
        isOver = true;
        signal.removeEventListener('abort', onAbort);
        this.#pages.delete(end);
        how();
      };
      const end = (): void => settle(() => reject(new Stopped()));
      // The reading has failed: it throws once no page is pending.
      const onAbort = (): void => {
        if (!this.#signal.aborted) this.stop();
      };
      signal.addEventListener('abort', onAbort);
      this.#pages.add(end);
      const acknowledged = deletions.map(() => false);
      let count = 0;
      const ack = (index: number): void => {
        if (isOver || acknowledged[index] === true) return;
        acknowledged[index] = true;
        if (index !== count) return;
        while (acknowledged[count] === true) count++;
        advance(count);
        if (count === deletions.length) settle(resolve);
      };
      for (const [index, deletion] of deletions.entries()) {
        this.#waiting.push({ ...deletion, ack: async () => ack(index) });
      }
      this.wake();
    });
  }
}
