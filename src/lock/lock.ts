import { lockFile } from '../archive/layout.js';
import { createLock, guardOf, held, type LockContext } from './create-lock.js';
import { HeldLock, type Lock } from './held-lock.js';
import type { LockProgress } from './lock-record.js';

export interface LockOptions {
  /** Ends the wait for a renewal; acquireLock then throws its reason. */
  readonly signal?: AbortSignal;
  /** Written into the lock at each renewal. */
  readonly progress?: () => LockProgress;
}

/**
 * Takes `<directory>/lock`, so that one process at a time writes an archive, also across containers and hosts. The
 * lock is renewed until it is released.
 *
 * A holder known to be dead is replaced at once. Where that cannot be known (another host, another PID namespace, a
 * damaged lock) the lock is polled for the length of a lease, by this process's clock: the clock of another machine
 * decides nothing.
 *
 * @throws LOCKED when the holder is alive, DISK, the signal's reason.
 */
export async function acquireLock(context: LockContext, directory: string, options: LockOptions = {}): Promise<Lock> {
  await context.disk.makeDirectory(directory);
  const path = lockFile(directory);
  const created = await createLock(context, path, options.signal);
  return new HeldLock(context, { path, guard: guardOf(path), ...created, ...options }, () =>
    held.delete(created.record.id),
  );
}
