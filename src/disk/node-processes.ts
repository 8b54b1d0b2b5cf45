import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

/** False in a PID namespace that sees the /proc of an outer one, where the pids differ. */
const hasOwnProc = orEmpty(() => readlinkSync('/proc/self')) === String(pid);

/** What the lock needs to know about this process and the others on this host. */
export const nodeProcesses = {
  pid,
  host: hostname(),
  namespace: (hasOwnProc && orEmpty(() => readlinkSync('/proc/self/ns/pid'))) || undefined,
  isAlive,
  startTimeOf,
};

function isAlive(other: number): boolean {
  // Signal 0 also reaches a zombie: a killed process that its parent does not reap (a container without init).
  const state = statOf(other)?.[0];
  if (state !== undefined) return state !== 'Z' && state !== 'X';
  try {
    kill(other, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Boot and clock tick at which a process started: it differs for two processes that had the same pid at different times.
 * Undefined when there is no such process, or no /proc (macOS, Windows).
 */
function startTimeOf(other: number): string | undefined {
  const ticks = statOf(other)?.[19];
  if (ticks === undefined) return undefined;
  return `${orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).trim()}/${ticks}`;
}

/** Fields of /proc/<pid>/stat from the third (state) on; the second, the command in brackets, may hold any character. */
function statOf(other: number): string[] | undefined {
  if (!hasOwnProc) return undefined;
  const text = orEmpty(() => readFileSync(`/proc/${other}/stat`, 'utf8'));
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
