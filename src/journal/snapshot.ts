import { isJournalFile, snapshotFile } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { eachInSlices, inSlices } from '../lib/in-slices.js';
import { isLength, isObject, isTime, optional } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { Checkpoint, Disk, Gap, Pruned, Uploads } from '../ports/index.js';
import { addGap } from './gap-list.js';
import { hasMembersOf, isJournalPlace, isPruned } from './is-journal-line.js';
import { hashOf } from './journal-line.js';
import { emptyState, type MutableState, putCheckpoint } from './journal-state.js';
import { MAX_LINE, MAX_SNAPSHOT } from './limits.js';

/** Where the last closing line of a journal ends, and the `prev` of the next line. */
export interface Tip {
  /** Name of the journal's file. */
  readonly file: string;
  /** Bytes from the start of the file to the end of the closing line, with its line feed. */
  readonly offset: number;
  /** Bytes of that line, with its line feed. */
  readonly lineLength: number;
  readonly prev: string;
  /** The files before it, oldest first, which no longer change. */
  readonly earlier: readonly EarlierFile[];
}

interface EarlierFile {
  readonly file: string;
  readonly size: number;
}

/** The journal's end after a later line. When that is in a new file, the size of the previous file is final. */
export function tipAt(before: Tip | undefined, line: Omit<Tip, 'earlier'>): Tip {
  if (before === undefined) return { ...line, earlier: [] };
  const { file, offset, earlier } = before;
  return { ...line, earlier: file === line.file ? earlier : [...earlier, { file, size: offset }] };
}

interface SnapshotFile extends Omit<Tip, 'earlier'> {
  readonly version: 1;
  /** Absent in snapshots of older versions. */
  readonly earlier?: readonly EarlierFile[];
  readonly items: number;
  readonly bytes: number;
  readonly getRecordsCalls: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly checkpoints: readonly Checkpoint[];
  readonly openSegments: readonly (readonly [file: string, length: number])[];
  readonly gaps: readonly Gap[];
  /** Absent in snapshots of older versions, which hold every gap. */
  readonly gapCount?: number;
  /** Absent when no shards were dropped. */
  readonly droppedShards?: readonly (readonly [stream: string, shards: number])[];
  /** Absent when no segment was uploaded. */
  readonly uploads?: Uploads;
  /** Absent when nothing was pruned. */
  readonly pruned?: Pruned;
}

const ENDING = /^,"check":"([0-9a-f]{32})"\}\n$/;
const ENDING_LENGTH = ',"check":""}\n'.length + 32;

/** The snapshot; undefined when there is none. Throws JOURNAL when it is damaged or of another version. */
export async function readSnapshot(
  disk: Disk,
  directory: string,
): Promise<{ state: MutableState; tip: Tip } | undefined> {
  const path = snapshotFile(directory);
  const size = await disk.size(path);
  if (size === undefined) return undefined;
  if (size > MAX_SNAPSHOT) throw snapshotError(path, `holds ${size} bytes, more than the maximum of ${MAX_SNAPSHOT}`);
  const bytes = await disk.read(path, MAX_SNAPSHOT);
  if (bytes === undefined) return undefined;
  const end = Math.max(0, bytes.length - ENDING_LENGTH);
  if (ENDING.exec(bytes.toString('utf8', end))?.[1] !== hashOf(bytes.subarray(0, end))) {
    throw snapshotError(path, 'is damaged: it does not match its own check');
  }
  const parsed = parseJson(`${bytes.toString('utf8', 0, end)}}`);
  if ('problem' in parsed) throw snapshotError(path, `is damaged: ${parsed.problem}`);
  const file = parsed.value;
  if (!isSnapshot(file)) throw snapshotError(path, 'was written by an unknown version of ttl-archive');
  const { file: name, offset, lineLength, prev, earlier = [] } = file;
  return { state: await inSlices(adding(file)), tip: { file: name, offset, lineLength, prev, earlier } };
}

function* adding(file: SnapshotFile): Generator<void, MutableState> {
  const { items, bytes, getRecordsCalls, firstAt, lastAt, uploads, pruned, gaps, gapCount = gaps.length } = file;
  const state: MutableState = {
    ...emptyState(),
    items,
    bytes,
    getRecordsCalls,
    ...(firstAt !== undefined && { firstAt }),
    ...(lastAt !== undefined && { lastAt }),
    ...(uploads !== undefined && { uploads }),
    ...(pruned !== undefined && { pruned }),
    openSegments: new Map(file.openSegments),
    droppedShards: new Map(file.droppedShards),
  };
  yield* eachInSlices(file.checkpoints, (checkpoint) => putCheckpoint(state, checkpoint));
  for (const gap of gaps) addGap(state, gap);
  state.gapCount = gapCount;
  return state;
}

/** The hash shows damage; this shows a snapshot of another version, and a forged one, whose hash is right. */
function isSnapshot(value: unknown): value is SnapshotFile {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    isJournalFile(value['file']) &&
    typeof value['prev'] === 'string' &&
    [value['firstAt'], value['lastAt']].every(optional(isTime)) &&
    [value['offset'], value['lineLength'], value['items'], value['bytes'], value['getRecordsCalls']].every(isLength) &&
    Number(value['lineLength']) <= Math.min(Number(value['offset']), MAX_LINE + 1) &&
    optional(isEarlier)(value['earlier']) &&
    Array.isArray(value['checkpoints']) &&
    value['checkpoints'].every((checkpoint) => hasMembersOf('checkpoint', checkpoint)) &&
    isCounts(value['openSegments']) &&
    optional(isCounts)(value['droppedShards']) &&
    optional(isLength)(value['gapCount']) &&
    optional(isUploads)(value['uploads']) &&
    optional(isPruned)(value['pruned']) &&
    Array.isArray(value['gaps']) &&
    value['gaps'].every((gap) => hasMembersOf('gap', gap))
  );
}

function isCounts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isCount);
}

function isCount(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isLength(value[1]);
}

function isUploads(value: unknown): boolean {
  return (
    isObject(value) && [value['segments'], value['bytes']].every(isLength) && optional(isJournalPlace)(value['upTo'])
  );
}

function isEarlier(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((file) => isObject(file) && isJournalFile(file['file']) && isLength(file['size']))
  );
}

function snapshotError(path: string, problem: string): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `The snapshot ${escapeText(path)} ${problem}.`, {
    remedy: 'Delete that file: the journal has everything that it holds, and the next start rebuilds it.',
  });
}
