import { type ChildProcess, spawn } from 'node:child_process';
import { platform } from 'node:os';

export interface WatchedProcess {
  /** Resolves when the process is gone, with its exit status (128 + n after signal n, 127 when there is no such command). */
  readonly exited: Promise<number>;
  /** The end of what it wrote to stdout and stderr. */
  output(): string;
  /** Kills it. */
  kill(): void;
}

const OUTPUT_TAIL = 4000;

/**
 * The watchdog. It reads our end of a pipe: when that closes, because we asked or because we died of whatever cause,
 * it kills the command. It ends when the command ends, and removes the command's folder ($1) in either case. It must not
 * write to our pipes itself (a shell tells of a killed job): once we are dead, that would end it before it cleaned up.
 */
const WATCHDOG = `
exec 3<&0 </dev/null
folder=$1; shift
"$@" 3<&- & command=$!
{ read -r _ <&3; kill -KILL "$command"; } 2>/dev/null & reader=$!
exec 3<&- >/dev/null 2>&1
wait "$command"; status=$?
kill "$reader" 2>/dev/null
rm -rf "$folder"
exit "$status"`;

/**
 * Runs a command that never outlives this process, not even when this process is killed by SIGKILL. It is in a session
 * of its own, so Ctrl-C in the terminal reaches us alone. `folder` is the command's own folder, removed at its end.
 * On Windows there is no watchdog: there the command ends with `kill` only.
 */
export function watchedProcess(command: readonly [string, ...string[]], folder: string): WatchedProcess {
  const [name, ...args] = command;
  const child =
    platform() === 'win32'
      ? spawn(name, args, { stdio: 'pipe', windowsHide: true })
      : spawn('/bin/sh', ['-c', WATCHDOG, 'sh', folder, ...command], { stdio: 'pipe', detached: true });
  let output = '';
  const collect = (chunk: string): void => {
    output = (output + chunk).slice(-OUTPUT_TAIL);
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  child.stdin.on('error', () => undefined); // EPIPE: the watchdog is gone already, and `exited` tells
  return {
    exited: exitStatus(child),
    output: () => output.trim(),
    kill: () => {
      child.stdin.end();
      if (platform() === 'win32') child.kill();
    },
  };
}

function exitStatus(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(127)); // it could not be spawned: no such command
    child.on('close', (code) => resolve(code ?? 137));
  });
}
