import { nodeProcesses } from '../disk/node-processes.js';
import { holderState, type Processes } from '../lock/lock-holder.js';
import { type LockProgress, readLock } from '../lock/lock-record.js';
import type { Disk } from '../ports/index.js';

/** The process that holds an archive's lock. */
export interface Watcher {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, as `lastSignOfLife`. */
  readonly since: string;
  readonly lastSignOfLife: string;
  /** `silent`: its lock was not renewed for longer than its lease; `dead`: ended without releasing its lock. */
  readonly state: 'running' | 'silent' | 'dead';
  readonly progress: LockProgress;
}

/** The process that holds the archive's lock, if any. `now` is epoch milliseconds. */
export async function findWatcher(
  archive: { readonly disk: Disk; readonly state: string },
  now: number,
  processes: Processes = nodeProcesses,
): Promise<Watcher | undefined> {
  const record = await readLock(archive, archive.state);
  if (record === undefined) return undefined;
  const { pid, host, since, renewedAt: lastSignOfLife = since, leaseMs = 0, progress = {} } = record;
  const holder = holderState(processes, record);
  const isSilent = now - Date.parse(lastSignOfLife) > leaseMs;
  const state = holder === 'dead' ? 'dead' : isSilent && holder === 'unknown' ? 'silent' : 'running';
  return { pid, host, since, lastSignOfLife, state, progress };
}
