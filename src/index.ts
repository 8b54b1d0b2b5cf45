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
export {
  type Ignored,
  type Watching,
  type WatchOptions,
  type WatchProgress,
  type WatchSummary,
  type WatchTools,
  watch,
} from './watch/watch.js';
