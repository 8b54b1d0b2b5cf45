import type { Retrier } from '../stream/retry.js';
import type { WatchTools } from './watch.js';

/** What the parts of one run share. */
export interface RunTools extends WatchTools {
  readonly retrier: Retrier;
  /** Aborts when the run is to end. */
  readonly signal: AbortSignal;
}
