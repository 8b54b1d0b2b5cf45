export { type ErrorCode, exitStatusOf, TtlArchiveError } from './errors.js';
export type {
  Connection,
  Deletions,
  Format,
  Gap,
  ItemEntry,
  Layout,
  Log,
  LogFacts,
  Provenance,
  WireItem,
} from './ports/index.js';
export type { WatchOptions, WatchUpload } from './watch/options.js';
export type { WatchContext } from './watch/run-context.js';
export type { Ignored, UploadProgress, WatchProgress, WatchSummary } from './watch/summary.js';
export { type Watching, watch } from './watch/watch.js';

declare global {
  /** Merges with the one of the DOM or of @types/node; without either, the library's types still compile. */
  interface AbortSignal {}
}
