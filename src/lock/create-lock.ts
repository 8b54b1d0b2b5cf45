import { randomUUID } from 'node:crypto';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Clock, Disk, Log, OwnFile } from '../ports/index.js';
import { LEASE_MS, MAX_LEASE_MS, POLL_MS } from './lease.js';
import { holderState, type Processes } from './lock-holder.js';
import { encodeLock, type LockRecord, parseLock, readLockText } from './lock-record.js';

/** Polls of a lock that can neither be created nor read. One is normal: the lock was just released. */
const MAX_UNREADABLE = 20;

export interface LockContext {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly log?: Log | undefined;
}

export interface CreatedLock {
  readonly file: OwnFile;
  readonly record: LockRecord;
  /** `clock.monotonic()` before it was created. */
  readonly at: number;
}

/** Ids of the locks that this process holds, for systems where the start time of a process is not known. */
export const held = new Set<string>();

/**
 * Creates a lock file. Takes over from a holder that is dead, or that did not renew its lock for a lease; throws LOCKED
 * when the holder is alive.
 */
export async function createLock(context: LockContext, path: string, signal?: AbortSignal): Promise<CreatedLock> {
  const { disk, clock, processes } = context;
  for (let unreadable = 0; ; ) {
    signal?.throwIfAborted();
    const at = clock.monotonic();
    const record = newRecord(processes, clock);
    const file = await disk.createExclusive(path, encodeLock(record));
    if (file !== undefined) {
      held.add(record.id);
      return { file, record, at };
    }
    const found = await readLockText(disk, path);
    if (found !== undefined) {
      unreadable = 0;
      await waitUntilGone(context, path, found, signal);
    } else if (++unreadable >= MAX_UNREADABLE) {
      throw new TtlArchiveError('DISK', `The lock ${escapeText(path)} is a broken link, not a file.`, {
        remedy: 'Delete it, then start again.',
      });
    } else if (unreadable > 1) await clock.sleep(POLL_MS, signal);
  }
}

/** Returns when the lock is gone: released, or removed because its holder is dead. Throws LOCKED when it is alive. */
async function waitUntilGone(context: LockContext, path: string, found: string, signal?: AbortSignal): Promise<void> {
  const { disk, clock, processes, log } = context;
  const record = parseLock(found);
  const state = record === undefined ? 'unknown' : isOwn(processes, record) ? 'alive' : holderState(processes, record);
  if (state === 'alive') throw locked(path, record);
  const leaseMs = Math.min(Math.max(LEASE_MS, record?.leaseMs ?? 0), MAX_LEASE_MS);
  if (state === 'unknown') {
    const since = clock.monotonic();
    log?.warn(
      { event: 'lock.waiting', lock: path, damaged: record === undefined, ...factsOf(record), leaseMs },
      record === undefined
        ? 'the lock of the archive folder is damaged: waiting to see whether a process is using it'
        : 'the lock of the archive folder is held by a process that cannot be seen from here: waiting to see whether it renews the lock',
    );
    while (clock.monotonic() - since < leaseMs) {
      await clock.sleep(POLL_MS, signal);
      signal?.throwIfAborted();
      const now = await readLockText(disk, path);
      if (now === undefined) return;
      if (now !== found) throw locked(path, parseLock(now));
    }
  }
  const why = state === 'dead' ? 'the process is dead' : `the lock was not renewed for ${leaseMs / 1000} s`;
  log?.warn(
    { event: 'lock.taken-over', lock: path, ...factsOf(record), why },
    'taking over the archive folder from a process that has ended',
  );
  await removeDead(context, path, found, signal);
}

/**
 * Removes the lock of a dead process, unless it has changed meanwhile. Of several processes that see it, only the holder
 * of the guard may do so: a lock of its own, held for a moment. A process that was suspended between the check and the
 * removal may have removed the lock of a successor: it gives up, and the successor notices before it writes again.
 */
async function removeDead(context: LockContext, path: string, found: string, signal?: AbortSignal): Promise<void> {
  const { disk, clock } = context;
  const guard = await createLock(context, guardOf(path), signal);
  const isInTime = (): boolean => clock.monotonic() - guard.at < LEASE_MS / 2;
  try {
    if ((await readLockText(disk, path)) !== found) return;
    if (isInTime()) await disk.remove(path);
    if (!isInTime()) throw locked(path, undefined);
  } finally {
    held.delete(guard.record.id);
    if (await guard.file.isCurrent()) await disk.remove(guardOf(path));
    await guard.file.close();
  }
}

/** True when this very process holds the lock. */
function isOwn(processes: Processes, record: LockRecord): boolean {
  const { host, pid, namespace } = processes;
  const isSame = record.host === host && record.pid === pid && record.namespace === namespace;
  return isSame && record.startTime === processes.startTimeOf(pid) && held.has(record.id);
}

/** The lock that a process holds while it removes the lock of a dead one. */
export function guardOf(path: string): string {
  return `${path}.takeover`;
}

function newRecord(processes: Processes, clock: Clock): LockRecord {
  const { pid, host, namespace } = processes;
  const startTime = processes.startTimeOf(pid);
  const now = new Date(clock.now()).toISOString();
  return {
    host,
    pid,
    ...(startTime !== undefined && { startTime }),
    ...(namespace !== undefined && { namespace }),
    since: now,
    id: randomUUID(),
    leaseMs: LEASE_MS,
    renewals: 0,
    renewedAt: now,
  };
}

function factsOf(record: LockRecord | undefined): object {
  if (record === undefined) return {};
  const { host, pid, since, renewedAt } = record;
  return { host, pid, since, ...(renewedAt !== undefined && { renewedAt }) };
}

function locked(path: string, record: LockRecord | undefined): TtlArchiveError {
  const owner =
    record === undefined ? 'another process' : `process ${record.pid} on ${record.host} since ${record.since}`;
  return new TtlArchiveError('LOCKED', `The archive folder is in use by ${owner} (${escapeText(path)}).`, {
    remedy: 'Stop that process, or use another folder with --out.',
  });
}
