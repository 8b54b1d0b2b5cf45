import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

/** In a PID namespace whose /proc is still the outer one's, /proc speaks of other processes. */
const hasOwnProc = readLinkOrEmpty('/proc/self') === String(pid);

/** What the lock has to know about this process and the others of this host. */
export const nodeProcesses = {
  pid,
  host: hostname(),
  namespace: (hasOwnProc && readLinkOrEmpty('/proc/self/ns/pid')) || undefined,
  isAlive,
  startTimeOf,
};

function isAlive(other: number): boolean {
  // A killed process whose parent does not collect it (a container without init) still answers to signal 0.
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
 * Boot and clock tick at which a process started: two processes that had the same pid one after the other differ in
 * it. Undefined when there is no such process, or no /proc (macOS, Windows).
 */
function startTimeOf(other: number): string | undefined {
  const ticks = statOf(other)?.[19];
  return ticks === undefined ? undefined : `${readOrEmpty('/proc/sys/kernel/random/boot_id').trim()}/${ticks}`;
}

/** Fields of /proc/<pid>/stat from the third (state) on; the second, the command in brackets, may hold anything. */
function statOf(other: number): string[] | undefined {
  if (!hasOwnProc) return undefined;
  const text = readOrEmpty(`/proc/${other}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readLinkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
