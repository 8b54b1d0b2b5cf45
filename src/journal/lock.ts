import { hash, randomUUID } from 'node:crypto';
import { printable, TtlArchiveError } from '../errors.js';
import type { Clock, Disk } from '../ports.js';
import { isFields } from './is-journal-line.js';
import { MAX_SMALL_FILE } from './limits.js';

/** What the lock has to know about the processes of this host. */
export interface Processes {
  readonly pid: number;
  readonly host: string;
  isAlive(pid: number): boolean;
  /** A text that no other process of the same pid ever has; undefined where the system does not tell. */
  startTimeOf(pid: number): string | undefined;
}

interface Machine {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly processes: Processes;
}

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly startTime?: string;
  readonly since: string;
  /** Makes the text of every lock unique: a stale one can be told from its successor. */
  readonly id: string;
}

export interface Lock {
  release(): Promise<void>;
}

/** Locks that this process holds, for systems that do not tell when a process started. */
const held = new Set<string>();

/**
 * Takes `<directory>/lock`, so that one process writes an archive at a time (DESIGN rule 11). A lock whose owner died
 * on this host is taken over. Throws LOCKED when the owner lives, or cannot be known: on another host, or unreadable.
 */
export async function acquireLock(machine: Machine, directory: string): Promise<Lock> {
  await machine.disk.makeDirectory(directory);
  return take(machine, `${directory}/lock`);
}

async function take(machine: Machine, path: string): Promise<Lock> {
  const { disk, processes, clock } = machine;
  const startTime = processes.startTimeOf(processes.pid);
  const own: Holder = {
    host: processes.host,
    pid: processes.pid,
    ...(startTime === undefined ? {} : { startTime }),
    since: new Date(clock.now()).toISOString(),
    id: randomUUID(),
  };
  const text = `${JSON.stringify(own)}\n`;
  const release = async (): Promise<void> => {
    held.delete(own.id);
    // Somebody who deleted the lock by hand may have let another process in.
    if ((await disk.read(path, MAX_SMALL_FILE))?.toString() === text) await disk.remove(path);
  };
  for (;;) {
    const created = await disk.createExclusive(path, text);
    if (created || (await takeOver(machine, path, text))) {
      held.add(own.id);
      return { release };
    }
  }
}

/**
 * Replaces the lock of a dead process. Of several who see the same dead owner only the one who holds the guard, a
 * lock of its own named after that owner's lock, may do it; the guard of a process that died over it is taken over
 * in the same way. False when the lock has changed hands meanwhile; throws LOCKED when its owner lives.
 */
async function takeOver(machine: Machine, path: string, text: string): Promise<boolean> {
  const { disk } = machine;
  const found = (await disk.read(path, MAX_SMALL_FILE))?.toString();
  if (found === undefined) return false;
  checkStale(machine.processes, path, parseHolder(found));
  const guard = await take(machine, `${path}.${hash('sha256', found).slice(0, 16)}`);
  try {
    if ((await disk.read(path, MAX_SMALL_FILE))?.toString() !== found) return false;
    await disk.replace(path, `${path}.${randomUUID()}.tmp`, text);
    return true;
  } finally {
    await guard.release();
  }
}

function checkStale(processes: Processes, path: string, holder: Holder | undefined): void {
  if (holder === undefined) {
    throw locked(path, 'an unknown process: the lock file is damaged', 'if no other watch uses this folder');
  }
  const { host, pid, startTime, since, id } = holder;
  const owner = `process ${pid} on ${printable(host)} since ${printable(since)}`;
  if (host !== processes.host) throw locked(path, owner, `if that process no longer runs on ${printable(host)}`);
  if (!processes.isAlive(pid)) return;
  const now = processes.startTimeOf(pid);
  // The pid may have been given to a new process, even to this one (in a container it is often 1).
  if (startTime !== undefined && now !== undefined ? startTime !== now : pid === processes.pid && !held.has(id)) return;
  throw new TtlArchiveError('LOCKED', `The archive folder is in use by ${owner} (${printable(path)}).`, {
    remedy: 'Stop that process, or use another folder with --out.',
  });
}

function locked(path: string, owner: string, condition: string): TtlArchiveError {
  return new TtlArchiveError('LOCKED', `The archive folder is in use by ${owner} (${printable(path)}).`, {
    remedy: `Delete the file ${printable(path)} ${condition}.`,
  });
}

function parseHolder(text: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isHolder(value) ? value : undefined;
}

function isHolder(value: unknown): value is Holder {
  return (
    isFields(value) &&
    typeof value['host'] === 'string' &&
    Number.isSafeInteger(value['pid']) &&
    Number(value['pid']) > 0 &&
    (value['startTime'] === undefined || typeof value['startTime'] === 'string') &&
    typeof value['since'] === 'string' &&
    typeof value['id'] === 'string'
  );
}
