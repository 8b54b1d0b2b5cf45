import type { LockRecord } from './lock-record.js';

/** What the lock has to know about this process and the others that it can see. */
export interface Processes {
  readonly pid: number;
  readonly host: string;
  /** The PID namespace of this process; undefined where the system does not tell. */
  readonly namespace: string | undefined;
  isAlive(pid: number): boolean;
  /**
   * `<boot>/<start>`: a text that no other process of the same pid ever has, and that begins alike for all processes
   * since the machine was started. Undefined where the system does not tell.
   */
  startTimeOf(pid: number): string | undefined;
}

/**
 * Whether the holder of a lock lives, as far as this process can see it by its pid. Never by a time in the lock: that
 * is another machine's clock. `unknown`: only its signs of life can tell.
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
 * Hosts of one name, and PID namespaces of one number (the outermost has the same one everywhere), exist on several
 * machines that share a volume: only those of the same boot are the same.
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

/** Versions before the lease wrote neither a lease nor a namespace, and never renewed their lock. */
function isOld({ leaseMs }: LockRecord): boolean {
  return leaseMs === undefined;
}
