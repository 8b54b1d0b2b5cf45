import { systemClock } from '../lib/system-clock.js';
import type { Clock, DeletionSink, TtlDeletion } from '../ports/index.js';
import { type Receiver, Stopped } from '../watch/page-deliverer.js';
import type { WatchContext } from '../watch/run-context.js';
import type { Watching } from '../watch/watching.js';
import type { DeliverOptions } from './delivery-options.js';
import { startDelivery } from './start-delivery.js';

/** Milliseconds for which an end waits for writes in flight: less than the 30 s that Kubernetes gives a container. */
const GRACE = 10_000;

/** `deliver`, with what tests replace. */
export function deliverTo({ sink, ...options }: DeliverOptions, context: Partial<WatchContext> = {}): Watching {
  const receiver = sinkReceiver(sink, context.clock ?? systemClock);
  const watching = startDelivery(options, receiver, context);
  return { progress: () => watching.progress(), done: closeAfter(watching.done, sink) };
}

async function closeAfter<T>(done: Promise<T>, sink: DeletionSink): Promise<T> {
  let result: T;
  try {
    result = await done;
  } catch (error) {
    // Errors of the clean-up would hide what ended the reading.
    await Promise.allSettled([sink.close?.()]);
    throw error;
  }
  await sink.close?.();
  return result;
}

function sinkReceiver(sink: DeletionSink, clock: Clock): Receiver {
  return {
    async take(deletions, { turn, signal }) {
      await turn;
      if (signal.aborted) throw new Stopped();
      await settledInTime(writeTo(sink, deletions, signal), clock, signal);
    },
  };
}

/** Also turns what `write` throws at once into a rejection. */
async function writeTo(sink: DeletionSink, deletions: readonly TtlDeletion[], signal: AbortSignal): Promise<void> {
  try {
    await sink.write(deletions, { signal });
  } catch (error) {
    // Whatever it says of being ended: these deletions are delivered again.
    throw signal.aborted ? new Stopped() : error;
  }
}

/** Settles as the write does, or rejects when it has not GRACE after the signal. */
function settledInTime(writing: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const onAbort = (): void => {
      void clock.sleep(GRACE, settled.signal).then(() => reject(new Stopped()));
    };
    signal.addEventListener('abort', onAbort);
    void writing.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
      settled.abort();
    });
  });
}
