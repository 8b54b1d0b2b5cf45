import { lockFile } from '../archive/layout.js';
import { escapeText } from '../lib/escape.js';
import { isLength, isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { Disk } from '../ports/index.js';

/** What the lock of an archive folder says about the process that holds it. */
export interface LockRecord {
  readonly host: string;
  readonly pid: number;
  /** Absent where it is not known. The optional members are also absent in locks of older versions. */
  readonly startTime?: string;
  /** The PID namespace: in a different one the same pid is a different process. */
  readonly namespace?: string;
  /** ISO 8601, by the holder's clock. */
  readonly since: string;
  /** Unique for each lock. */
  readonly id: string;
  /** Milliseconds without a renewal after which the holder counts as dead. */
  readonly leaseMs?: number;
  /** Increases, so that every renewal changes the file. */
  readonly renewals?: number;
  /** ISO 8601, by the holder's clock: its last renewal. For people; no decision depends on it. */
  readonly renewedAt?: string;
  readonly progress?: LockProgress;
}

/** What a running watch writes into its lock at each renewal, for `status`. */
export interface LockProgress {
  /** `behind` is a part of `open`. */
  readonly shards?: { readonly open: number; readonly behind: number; readonly ended: number };
  /** Read, archived, and GetRecords calls made by this process so far. */
  readonly records?: number;
  readonly archived?: number;
  readonly getRecordsCalls?: number;
  /** ISO 8601: everything that any shard received before this moment has been read. Absent before the first page. */
  readonly readUpTo?: string;
  /** Milliseconds by which the reading is behind, as this process measures it. Absent as `readUpTo`. */
  readonly lagMs?: number;
  /** The lag above which the run is not healthy. */
  readonly maxLagMs?: number;
  /** ISO 8601: since when every call has failed. Absent while the endpoint answers. */
  readonly unreachableSince?: string;
  /** The same in milliseconds, by the monotonic clock. */
  readonly failingMs?: number;
  /** Milliseconds for which nothing was read any further although calls succeed. */
  readonly stalledMs?: number;
  /** ISO 8601: since when uploads to S3 have failed. Absent while they succeed. */
  readonly uploadFailingSince?: string;
  /** Milliseconds that this process has been running. */
  readonly runningMs?: number;
  /** The calls are billed and continue at this rate: not with `once`, nor with an endpoint on this machine. */
  readonly isPriced?: true;
}

/** Every lock has this length, so that it can be renewed by one overwrite: no reader sees parts of two. */
const LENGTH = 2048;
const MAX_TEXT = 300;

/** The lock's text: one line of JSON, padded with spaces. */
export function encodeLock(record: LockRecord): string {
  const whole = JSON.stringify(record);
  // Only an absurd host name makes it too long; then the progress is left out.
  const text = Buffer.byteLength(whole) < LENGTH ? whole : JSON.stringify({ ...record, progress: undefined });
  return `${text}${' '.repeat(Math.max(0, LENGTH - 1 - Buffer.byteLength(text)))}\n`;
}

/** The lock's text; undefined when there is none. A file too long to be ours is not read: its size stands for its text. */
export async function readLockText(disk: Disk, path: string): Promise<string | undefined> {
  const size = await disk.size(path);
  if (size === undefined) return undefined;
  return size > 2 * LENGTH ? `${size} bytes` : (await disk.read(path, 2 * LENGTH))?.toString();
}

/** Parses a lock; undefined when it is damaged. Every text in it is bounded and safe to print. */
export function parseLock(text: string): LockRecord | undefined {
  const parsed = parseJson(text);
  if ('problem' in parsed || !isObject(parsed.value)) return undefined;
  const { host, pid, startTime, namespace, since, id, leaseMs, renewals, renewedAt, progress } = parsed.value;
  if (!isText(host) || !isText(since) || !isText(id) || !isLength(pid) || pid === 0) return undefined;
  return {
    host: escapeText(host),
    pid,
    ...(isText(startTime) && { startTime }),
    ...(isText(namespace) && { namespace }),
    since: escapeText(since),
    id,
    ...(isLength(leaseMs) && { leaseMs }),
    ...(isLength(renewals) && { renewals }),
    ...(isTime(renewedAt) && { renewedAt }),
    ...(isObject(progress) && { progress: progressOf(progress) }),
  };
}

/**
 * The lock in `<archive>/.ttl-archive`; undefined when there is none, or it is damaged. Throws DISK when the folder cannot
 * be read.
 */
export async function readLock({ disk }: { disk: Disk }, directory: string): Promise<LockRecord | undefined> {
  const text = await readLockText(disk, lockFile(directory));
  return text === undefined ? undefined : parseLock(text);
}

/** Leaves out what is invalid. */
function progressOf(fields: { readonly [name: string]: unknown }): LockProgress {
  const { shards, records, archived, getRecordsCalls, readUpTo, unreachableSince, isPriced } = fields;
  const { lagMs, maxLagMs, failingMs, stalledMs, runningMs } = fields;
  const { uploadFailingSince } = fields;
  return {
    ...(isShards(shards) && { shards: { open: shards.open, behind: shards.behind, ended: shards.ended } }),
    ...(isLength(records) && { records }),
    ...(isLength(archived) && { archived }),
    ...(isLength(getRecordsCalls) && { getRecordsCalls }),
    ...(isTime(readUpTo) && { readUpTo }),
    ...(isTime(unreachableSince) && { unreachableSince }),
    ...(isTime(uploadFailingSince) && { uploadFailingSince }),
    ...(isLength(lagMs) && { lagMs }),
    ...(isLength(maxLagMs) && { maxLagMs }),
    ...(isLength(failingMs) && { failingMs }),
    ...(isLength(stalledMs) && { stalledMs }),
    ...(isLength(runningMs) && { runningMs }),
    ...(isPriced === true && { isPriced }),
  };
}

function isShards(value: unknown): value is { open: number; behind: number; ended: number } {
  return isObject(value) && isLength(value['open']) && isLength(value['behind']) && isLength(value['ended']);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}
