import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { eventually } from './eventually.js';
import { IN_NAMESPACE } from './namespaces.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface Ended {
  /** null when a signal killed it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningCli {
  readonly child: ChildProcess;
  /** So far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Waits until stdout or stderr contains the text. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

interface CliOptions {
  /** The folder in which it is started and which is its HOME: no AWS configuration but what a test puts there. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Cli {
  start(args: readonly string[], options: CliOptions): RunningCli;
  /** The same in a PID namespace of its own. Its child is `unshare`, which dies with it. */
  startInNamespace(args: readonly string[], options: CliOptions): RunningCli;
  run(args: readonly string[], options: CliOptions): Promise<Ended>;
  /** Runs a command line of bash, with the CLI as `$CLI`. */
  shell(line: string, options: CliOptions): Promise<Ended>;
}

/** Starts the built CLI; what still runs after the tests of the file is killed. */
export function builtCli(): Cli {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const launch = (command: string, args: readonly string[], { cwd, env }: CliOptions): RunningCli => {
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env['PATH'], HOME: cwd, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, ...output }));
    });
    return {
      child,
      output,
      ended,
      async says(text) {
        await eventually(async () => {
          if (output.stdout.includes(text) || output.stderr.includes(text)) return true;
          if (child.exitCode !== null) throw new Error(`ended without saying ${text}: ${output.stderr}`);
          return false;
        });
      },
    };
  };
  const start: Cli['start'] = (args, options) => launch(process.execPath, [BIN, ...args], options);
  const [unshare = '', ...inNamespace] = IN_NAMESPACE;
  return {
    start,
    startInNamespace: (args, { cwd, env }) =>
      launch(unshare, [...inNamespace, process.execPath, BIN, ...args], { cwd, ...(env && { env }) }),
    run: (args, options) => start(args, options).ended,
    shell: (line, { cwd, env }) =>
      launch('bash', ['-c', line], { cwd, env: { ...env, CLI: `${process.execPath} ${BIN}` } }).ended,
  };
}

/** The lines of JSON in a text; throws when one is none. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(Object.entries(JSON.parse(line))));
}
