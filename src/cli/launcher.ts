import { readFileSync } from 'node:fs';

/** The shells that npm runs a command through. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox']);

interface Started {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parent's pid at the start. */
  readonly ppid: number;
  /** The parent's pid now. */
  readonly ppidNow: () => number;
}

/**
 * Tells whether the npm or npx that started this process is gone; undefined when none did. npm does not pass SIGTERM on
 * to what it runs, which would then go on without anybody who knows of it.
 */
export function npmLauncher({ env, ppid, ppidNow }: Started): (() => boolean) | undefined {
  if (env['npm_execpath'] === undefined && env['npm_command'] === undefined) return undefined;
  let launcher = ppid;
  for (let stat = statOf(launcher); stat !== undefined && SHELLS.has(stat.command); stat = statOf(launcher)) {
    launcher = stat.parent;
  }
  const started = statOf(launcher)?.started;
  // Without /proc (macOS): whoever loses its parent gets another one.
  if (started === undefined) return () => ppidNow() !== ppid;
  return () => statOf(launcher)?.started !== started;
}

/**
 * Whether `nohup` started this process: it ignores SIGHUP, but Node.js resets that at its start. What is left is the
 * name that the shell notes in `_`, and a stdin that can only be written (fdinfo of Linux; `nohup` of GNU).
 */
export function startedByNohup(env: Started['env'], fdinfo = readOrEmpty('/proc/self/fdinfo/0')): boolean {
  if (env['_'] !== undefined && /(?:^|\/)nohup$/.test(env['_'])) return true;
  const flags = /^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1];
  const WRITE_ONLY = 1;
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === WRITE_ONLY;
}

/** Of /proc/<pid>/stat: the command, the parent's pid, and the clock tick of the start. */
function statOf(pid: number): { command: string; parent: number; started: string } | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  const fields = rest.trim().split(' ');
  const [state, parent] = fields;
  const started = fields[19];
  if (started === undefined || state === 'Z' || state === 'X') return undefined;
  return { command, parent: Number(parent), started };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
