export { type ErrorCode, exitStatusOf, type NextCommand, TtlArchiveError } from './errors.js';
export type { ArchiveOptions, TimeOptions } from './library/archive-options.js';
export { deliver } from './library/deliver.js';
export type { DeliverOptions, DeliveryOptions } from './library/delivery-options.js';
export { type FindOptions, type FoundItem, find } from './library/find.js';
export { readTtlDeletions } from './library/read-ttl-deletions.js';
export { type RestoreOptions, type RestoreResult, restore } from './library/restore.js';
export type { TtlDeletions } from './library/ttl-deletions.js';
export { type VerifyOptions, type VerifyResult, verify } from './library/verify.js';
export { watch } from './library/watch.js';
export { watchTables } from './library/watch-tables.js';
export type {
  Connection,
  DeletionSink,
  Deletions,
  Format,
  Gap,
  GapCause,
  GapScope,
  ItemEntry,
  ItemFacts,
  Layout,
  Log,
  LogFacts,
  PositionStore,
  Provenance,
  ReceivedDeletion,
  TtlDeletion,
  WireItem,
  WireValue,
} from './ports/index.js';
export type { FailedItem, RestoreCounts } from './restore/restore-counts.js';
export type { TtlRule } from './restore/restore-ttl.js';
export type { Finding, FindingKind } from './verify/finding.js';
export type { SampleRead } from './verify/sample.js';
export type { ObjectVerification, OnlyInS3, Unrelated, Verification } from './verify/verification.js';
export type { WatchOptions, WatchUpload } from './watch/options.js';
export type { Ignored, UploadProgress, WatchProgress, WatchSummary } from './watch/summary.js';
export type { TableChoice, TableTag, WatchTablesOptions } from './watch/tables-options.js';
export type { TableOutcome, TableProgress, TablesSummary } from './watch/tables-summary.js';
export type { WatchingTables } from './watch/watch-tables.js';
export type { Watching } from './watch/watching.js';

declare global {
  /** Merges with the one of the DOM or of @types/node; without either, the library's types still compile. */
  interface AbortSignal {}
}
