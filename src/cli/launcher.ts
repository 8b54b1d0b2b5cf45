import { readFileSync } from 'node:fs';

/** The shells through which npm runs a command. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox']);

interface Started {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Parent pid at the start. */
  readonly ppid: number;
  /** Parent pid now. */
  readonly ppidNow: () => number;
}

/**
 * Returns a function that checks whether the npm or npx that started this process is gone; undefined when none did. npm
 * does not forward SIGTERM to its child, which would then keep running unnoticed.
 */
export function npmLauncher({ env, ppid, ppidNow }: Started): (() => boolean) | undefined {
  if (env['npm_execpath'] === undefined && env['npm_command'] === undefined) return undefined;
  let launcher = ppid;
  for (let stat = statOf(launcher); stat !== undefined && SHELLS.has(stat.command); stat = statOf(launcher)) {
    launcher = stat.parent;
  }
  const started = statOf(launcher)?.started;
  // Without /proc (macOS): a process whose parent has ended gets another parent.
  if (started === undefined) return () => ppidNow() !== ppid;
  return () => statOf(launcher)?.started !== started;
}

/**
 * Whether `nohup` started this process. Node.js resets the ignored SIGHUP at its start; what remains is the name that the
 * shell puts into `_`, and a write-only stdin (GNU `nohup`; read from Linux's fdinfo).
 */
export function startedByNohup(env: Started['env'], fdinfo = readOrEmpty('/proc/self/fdinfo/0')): boolean {
  if (env['_'] !== undefined && /(?:^|\/)nohup$/.test(env['_'])) return true;
  const flags = /^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1];
  const WRITE_ONLY = 1;
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === WRITE_ONLY;
}

/** The command, the parent pid and the clock tick of the start, from /proc/<pid>/stat. */
function statOf(pid: number): { command: string; parent: number; started: string } | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  const fields = rest.trim().split(' ');
  const [state, parent] = fields;
  const started = fields[19];
  if (started === undefined || state === 'Z' || state === 'X') return undefined;
  return { command, parent: Number(parent), started };
}

/** Linux's /proc/self/stat; empty elsewhere. */
export const ownStat = (): string => readOrEmpty('/proc/self/stat');

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
