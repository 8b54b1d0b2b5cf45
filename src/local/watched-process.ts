import { type ChildProcess, spawn } from 'node:child_process';
import { platform } from 'node:os';

export interface WatchedProcess {
  /** Resolves with the exit status when the process has ended: 128 + n after signal n, 127 when there is no such command. */
  readonly exited: Promise<number>;
  /** The last 4,000 characters of stdout and stderr. */
  output(): string;
  kill(): void;
}

const OUTPUT_TAIL = 4000;

/**
 * The watchdog reads a pipe from this process. When the pipe closes, by `kill` or because this process has ended in any
 * way, it kills the command. It ends with the command, and then removes the command's folder ($1). It must not write to our
 * pipes (a shell reports a killed job): after the death of this process, that would end it before it has cleaned up.
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
 * Runs a command that never outlives this process, not even after SIGKILL. It has a session of its own, so that Ctrl-C in
 * the terminal does not reach it. `folder` is the command's own folder, removed at its end. Windows has no watchdog: there
 * only `kill` ends the command.
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
  child.stdin.on('error', () => undefined); // EPIPE: the watchdog has ended, which `exited` reports
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
    child.on('error', () => resolve(127)); // no such command
    child.on('close', (code) => resolve(code ?? 137));
  });
}
