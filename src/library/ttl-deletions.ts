import type { ReceivedDeletion } from '../ports/index.js';
import type { WatchProgress } from '../watch/summary.js';

/** Can be iterated once. */
export interface TtlDeletions extends AsyncIterable<ReceivedDeletion, void, undefined> {
  /** Undefined before the iteration begins. */
  progress(): WatchProgress | undefined;
}
