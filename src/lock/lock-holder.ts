import type { LockRecord } from './lock-record.js';

/** What the lock needs to know about this process and the others that it can see. */
export interface Processes {
  readonly pid: number;
  readonly host: string;
  /** The PID namespace of this process; undefined where it is not known. */
  readonly namespace: string | undefined;
  isAlive(pid: number): boolean;
  /**
   * `<boot>/<start>`: unique among all processes that ever had the same pid. `<boot>` is the same for all processes since
   * the machine was started. Undefined where it is not known.
   */
  startTimeOf(pid: number): string | undefined;
}

/**
 * Whether the holder of a lock is alive, judged by its pid. Never by a time in the lock, which comes from another clock.
 * `unknown`: only renewals can show it.
 */
export function holderState(processes: Processes, record: LockRecord): 'alive' | 'dead' | 'unknown' {
  const { host, pid, startTime } = record;
  if (host !== processes.host || !isSeenFromHere(processes, record)) return 'unknown';
  if (!processes.isAlive(pid)) return 'dead';
  const now = processes.startTimeOf(pid);
  if (startTime !== undefined && now !== undefined) return startTime === now ? 'alive' : 'dead';
  if (!isOld(record)) return 'unknown';
  // The pid may have been given to a new process, even to this one (in a container it is often 1).
  return pid === processes.pid ? 'dead' : 'alive';
}

/**
 * Machines that share a volume may have the same host name and the same number of a PID namespace (the outermost one is
 * the same everywhere): only with the same boot they are the same.
 */
function isSeenFromHere(processes: Processes, record: LockRecord): boolean {
  const { namespace, startTime } = record;
  const boot = bootOf(processes.startTimeOf(processes.pid));
  if (isOld(record)) return startTime === undefined || boot === undefined || bootOf(startTime) === boot;
  if (namespace === undefined || boot === undefined) return false;
  return namespace === processes.namespace && bootOf(startTime) === boot;
}

function bootOf(startTime: string | undefined): string | undefined {
  return startTime?.split('/')[0];
}

/** Versions before the lease wrote no lease and no namespace, and never renewed their lock. */
function isOld({ leaseMs }: LockRecord): boolean {
  return leaseMs === undefined;
}
