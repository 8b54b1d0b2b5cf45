import type { ReceivedDeletion } from '../ports/index.js';
import type { WatchContext } from '../watch/run-context.js';
import type { Watching } from '../watch/watching.js';
import { DeletionQueue } from './deletion-queue.js';
import type { DeliveryOptions } from './delivery-options.js';
import { startDelivery } from './start-delivery.js';
import type { TtlDeletions } from './ttl-deletions.js';

/** `readTtlDeletions`, with what tests replace. */
export function iterateDeletions(options: DeliveryOptions, context: Partial<WatchContext> = {}): TtlDeletions {
  let watching: Watching | undefined;
  const iterator = iterate(options, (queue, signal) => {
    watching = startDelivery({ ...options, signal }, queue, context);
    return watching;
  });
  return { progress: () => watching?.progress(), [Symbol.asyncIterator]: () => iterator };
}

async function* iterate(
  { signal = new AbortController().signal }: DeliveryOptions,
  start: (queue: DeletionQueue, signal: AbortSignal) => Watching,
): AsyncGenerator<ReceivedDeletion, void, undefined> {
  if (signal.aborted) return;
  const ended = new AbortController();
  const queue = new DeletionQueue(signal);
  const { done } = start(queue, AbortSignal.any([signal, ended.signal]));
  let isDone = false;
  const onDone = (): void => {
    isDone = true;
    queue.wake();
  };
  done.then(onDone, onDone);
  signal.addEventListener('abort', queue.wake);
  try {
    while (!signal.aborted) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (isDone) break;
      else await queue.woken();
    }
  } finally {
    signal.removeEventListener('abort', queue.wake);
    ended.abort();
    queue.stop();
    // Writes the positions, and throws what ended the reading.
    await done;
  }
}
