import { lockFile } from '../archive/layout.js';
import { createLock, guardOf, held, type LockMachine } from './create-lock.js';
import { HeldLock, type Lock } from './held-lock.js';
import type { LockProgress } from './lock-record.js';

export interface LockOptions {
  /** Ends waiting for a sign of life; acquireLock then throws its reason. */
  readonly signal?: AbortSignal;
  /** What readers of the lock are told at each renewal. */
  readonly progress?: () => LockProgress;
}

/**
 * Takes `<directory>/lock`, so that one process at a time writes an archive, also across containers and hosts. The
 * lock is renewed until it is released.
 *
 * A holder that can be seen to be dead is replaced at once. Where that cannot be seen (another host, another PID
 * namespace, a damaged lock) the lock is watched for a lease of this process's own time: nothing is concluded from the
 * clock of another machine.
 *
 * @throws LOCKED when the holder lives, DISK, the signal's reason.
 */
export async function acquireLock(machine: LockMachine, directory: string, options: LockOptions = {}): Promise<Lock> {
  await machine.disk.makeDirectory(directory);
  const path = lockFile(directory);
  const { file, record, at } = await createLock({ ...machine, signal: options.signal }, path);
  return new HeldLock(machine, { path, guard: guardOf(path), file, record, createdAt: at, ...options }, () =>
    held.delete(record.id),
  );
}
