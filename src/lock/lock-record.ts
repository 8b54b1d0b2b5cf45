import { lockFile } from '../archive/layout.js';
import { escapeText } from '../lib/escape.js';
import { isLength, isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { Disk } from '../ports/index.js';

/** What the lock of an archive folder says about the process that holds it. */
export interface LockRecord {
  readonly host: string;
  readonly pid: number;
  /** Absent where the system does not tell, as all that follow are in locks of older versions. */
  readonly startTime?: string;
  /** The PID namespace: in another one the same pid is another process. */
  readonly namespace?: string;
  /** ISO 8601, by the holder's clock. */
  readonly since: string;
  /** Tells the locks of one process from one another. */
  readonly id: string;
  /** Milliseconds for which the holder may be silent before it counts as dead. */
  readonly leaseMs?: number;
  /** Counts up, so that every renewal changes the file. */
  readonly renewals?: number;
  /** ISO 8601, by the holder's clock: its last sign of life. For people; no program decides by it. */
  readonly renewedAt?: string;
  readonly progress?: LockProgress;
}

/** What a running watch writes into its lock at each renewal, so that `status` can tell how it stands. */
export interface LockProgress {
  /** `behind` is a part of `open`. */
  readonly shards?: { readonly open: number; readonly behind: number; readonly ended: number };
  /** Read, archived, and GetRecords calls made by this process so far. */
  readonly records?: number;
  readonly archived?: number;
  readonly getRecordsCalls?: number;
  /** ISO 8601: everything that any shard received before this moment has been read. Absent before the first page. */
  readonly readUpTo?: string;
  /** ISO 8601: since when every call has failed. Absent while the endpoint answers. */
  readonly unreachableSince?: string;
  /** Milliseconds that this process has been running. */
  readonly runningMs?: number;
  /** The calls cost money, and go on at this pace: not with `once`, nor at an endpoint on this machine. */
  readonly isPriced?: true;
}

/** Every lock is as long as this, so that one can be renewed by writing over it: no reader sees a half of two. */
const LENGTH = 2048;
const LONGEST_TEXT = 300;

/** The lock's text: one line of JSON, filled up with spaces. */
export function encodeLock(record: LockRecord): string {
  const whole = JSON.stringify(record);
  // Only an absurd host name makes it too long; the progress is the part that can be spared.
  const text = Buffer.byteLength(whole) < LENGTH ? whole : JSON.stringify({ ...record, progress: undefined });
  return `${text}${' '.repeat(Math.max(0, LENGTH - 1 - Buffer.byteLength(text)))}\n`;
}

/** The lock's text; undefined when there is none. What is too long to be one of ours is not read: its size stands for it. */
export async function readLockText(disk: Disk, path: string): Promise<string | undefined> {
  const size = await disk.size(path);
  if (size === undefined) return undefined;
  return size > 2 * LENGTH ? `${size} bytes` : (await disk.read(path, 2 * LENGTH))?.toString();
}

/** Reads a lock back; undefined when it is damaged. Every text of it is bounded and safe to print. */
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
 * Who holds the lock in `<archive>/.ttl-archive`; undefined when nobody does, or the lock is damaged. For readers: it
 * changes nothing. Throws DISK only when the folder cannot be read.
 */
export async function readLock({ disk }: { disk: Disk }, directory: string): Promise<LockRecord | undefined> {
  const text = await readLockText(disk, lockFile(directory));
  return text === undefined ? undefined : parseLock(text);
}

/** What is not as it should be is left out. */
function progressOf(fields: { readonly [name: string]: unknown }): LockProgress {
  const { shards, records, archived, getRecordsCalls, readUpTo, unreachableSince, runningMs, isPriced } = fields;
  return {
    ...(isShards(shards) && { shards: { open: shards.open, behind: shards.behind, ended: shards.ended } }),
    ...(isLength(records) && { records }),
    ...(isLength(archived) && { archived }),
    ...(isLength(getRecordsCalls) && { getRecordsCalls }),
    ...(isTime(readUpTo) && { readUpTo }),
    ...(isTime(unreachableSince) && { unreachableSince }),
    ...(isLength(runningMs) && { runningMs }),
    ...(isPriced === true && { isPriced }),
  };
}

function isShards(value: unknown): value is { open: number; behind: number; ended: number } {
  return isObject(value) && isLength(value['open']) && isLength(value['behind']) && isLength(value['ended']);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}
