import { DEFAULT_MAX_LAG } from './health.js';
import type { UploadProgress, WatchProgress } from './summary.js';

const NOTHING: WatchProgress = {
  isReady: true,
  shards: { open: 0, behind: 0, ended: 0 },
  records: 0,
  archived: 0,
  archivedBytes: 0,
  archivedAs: { ttl: 0, 'ddb-local': 0, inferred: 0, all: 0 },
  lastArchivedAt: undefined,
  ignored: { insert: 0, modify: 0, remove: 0, unknown: 0 },
  gapCount: 0,
  getRecordsCalls: 0,
  isLoopback: true,
  retries: {},
  lagMs: 0,
  maxLagMs: DEFAULT_MAX_LAG,
  failingMs: undefined,
  stalledMs: 0,
};

/** The progress of several tables as one: counts are added, and of times the worst one counts. */
export function sumProgress(all: readonly WatchProgress[]): WatchProgress {
  const lags = all.map(({ lagMs }) => lagMs);
  return {
    ...all.reduce(addCounts, NOTHING),
    isReady: all.length > 0 && all.every(({ isReady }) => isReady),
    isLoopback: all.length > 0 && all.every(({ isLoopback }) => isLoopback),
    shards: all.reduce((sum, { shards }) => ({ ...NOTHING.shards, ...addMembers(sum, { ...shards }) }), NOTHING.shards),
    lagMs: lags.includes(undefined) ? undefined : largest(lags),
    failingMs: largest(all.map(({ failingMs }) => failingMs)),
    stalledMs: largest(all.map(({ stalledMs }) => stalledMs)) ?? 0,
    ...withUpload(all.reduce<UploadProgress | undefined>((sum, { upload }) => addUploads(sum, upload), undefined)),
  };
}

/** The progress of a table whose earlier runs ended: counts are of all runs, everything else is of the last one. */
export function continueProgress(earlier: WatchProgress, last: WatchProgress): WatchProgress {
  const { upload } = earlier;
  const done = upload && { ...upload, waitingSegments: 0, waitingBytes: 0, failingMs: undefined, isPaused: false };
  return { ...addCounts(earlier, last), ...withUpload(addUploads(done, last.upload)) };
}

/** The second one, with the counts of both. */
function addCounts(a: WatchProgress, b: WatchProgress): WatchProgress {
  return {
    ...b,
    records: a.records + b.records,
    archived: a.archived + b.archived,
    archivedBytes: a.archivedBytes + b.archivedBytes,
    archivedAs: { ...b.archivedAs, ...addMembers(a.archivedAs, b.archivedAs) },
    lastArchivedAt: largest([a.lastArchivedAt, b.lastArchivedAt]),
    ignored: { ...b.ignored, ...addMembers({ ...a.ignored }, { ...b.ignored }) },
    gapCount: a.gapCount + b.gapCount,
    getRecordsCalls: a.getRecordsCalls + b.getRecordsCalls,
    retries: addMembers({ ...a.retries }, { ...b.retries }),
  };
}

function addUploads(a: UploadProgress | undefined, b: UploadProgress | undefined): UploadProgress | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    segments: a.segments + b.segments,
    bytes: a.bytes + b.bytes,
    waitingSegments: a.waitingSegments + b.waitingSegments,
    waitingBytes: a.waitingBytes + b.waitingBytes,
    failingMs: largest([a.failingMs, b.failingMs]),
    isPaused: a.isPaused || b.isPaused,
  };
}

function withUpload(upload: UploadProgress | undefined): { readonly upload?: UploadProgress } {
  return upload === undefined ? {} : { upload };
}

function addMembers(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce(
    (most, value) => (most === undefined || (value ?? -Infinity) > most ? (value ?? most) : most),
    undefined,
  );
}
