import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The built command line. */
export const BIN = join(ROOT, 'dist', 'bin.js');
const USAGE = fileURLToPath(new URL('./programs/usage.mjs', import.meta.url));

/** Programs beside which is measured: run by plain node (or Python), so that no compiler is measured along with them. */
export const PROGRAMS = {
  sdkLoop: fileURLToPath(new URL('./programs/sdk-loop.mjs', import.meta.url)),
  httpLoop: fileURLToPath(new URL('./programs/http-loop.mjs', import.meta.url)),
  readableLoop: fileURLToPath(new URL('./programs/readable-loop.mjs', import.meta.url)),
  boto3Loop: fileURLToPath(new URL('./programs/boto3-loop.py', import.meta.url)),
  filesFloor: fileURLToPath(new URL('./programs/files-floor.mjs', import.meta.url)),
  pollLoop: fileURLToPath(new URL('./programs/poll-loop.mjs', import.meta.url)),
  sameCalls: fileURLToPath(new URL('./programs/same-calls.mjs', import.meta.url)),
  lambdaEvents: fileURLToPath(new URL('./programs/lambda-events.mjs', import.meta.url)),
  lambdaCold: fileURLToPath(new URL('./programs/lambda-cold.mjs', import.meta.url)),
} as const;

/** DynamoDB Local and the simulated stream take any credentials. */
const ENVIRONMENT = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

export interface Finished {
  /** From the start of the process to its end. */
  readonly ms: number;
  /** User and system time; 0 unless asked for. */
  readonly cpuMs: number;
  /** Highest resident set; 0 unless asked for. */
  readonly peakMb: number;
  readonly stderr: string;
}

let files = 0;

/** Runs a process to its end; its stdout goes nowhere, its stderr to a file. Throws when it fails. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  { usage = false, env: more = {} }: { usage?: boolean; env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  const path = join(tmpdir(), `ttl-archive-bench-${process.pid}-${files++}`);
  const stderr = await open(`${path}.log`, 'w');
  const env = { ...ENVIRONMENT, ...(usage && { BENCH_USAGE: `${path}.json` }), ...more };
  const begun = performance.now();
  const child = spawn(command, [...(usage ? ['--import', USAGE] : []), ...args], {
    env,
    stdio: ['ignore', 'ignore', stderr.fd],
  });
  const status = await ended(child);
  const ms = performance.now() - begun;
  await stderr.close();
  const text = await readFile(`${path}.log`, 'utf8');
  await rm(`${path}.log`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${text.slice(-2000)}`);
  if (!usage) return { ms, cpuMs: 0, peakMb: 0, stderr: text };
  const { cpuMs, peakMb } = parseUsage(await readFile(`${path}.json`, 'utf8'));
  await rm(`${path}.json`);
  return { ms, cpuMs, peakMb, stderr: text };
}

/** Starts a process whose stdout the caller reads; its stderr goes nowhere. */
export function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** Starts a process of node's that can be asked for its `usageNow`. */
export function startMeasured(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', USAGE, ...args], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** CPU time since its start, its highest resident set, and the present one (NaN when it has ended). */
export interface Usage extends Pick<Finished, 'cpuMs' | 'peakMb'> {
  readonly rssMb: number;
}

/** What a process that `startMeasured` started has used so far. */
export async function usageNow(child: ChildProcess): Promise<Usage> {
  const answered = once(child, 'message');
  child.send('usage');
  const [usage]: string[] = await answered;
  return parseUsage(usage ?? '');
}

function parseUsage(text: string): Usage {
  const used: { userCPUTime: number; systemCPUTime: number; maxRSS: number; rss?: number } = JSON.parse(text);
  const cpuMs = (used.userCPUTime + used.systemCPUTime) / 1000;
  return { cpuMs, peakMb: used.maxRSS / 1024, rssMb: (used.rss ?? Number.NaN) / 1024 };
}

/** Stops a process that `start` started, and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  const gone = ended(child);
  child.kill('SIGTERM');
  await gone;
}

/** The exit status, or the signal's name. */
function ended(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? child.signalCode);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? signal));
  });
}

/** Arguments of node for `ttl-archive watch`. */
export function watchArguments(
  endpointUrl: string,
  tables: string | readonly string[],
  out: string,
  more: readonly string[],
  bin = BIN,
): string[] {
  const chosen = [tables].flat().flatMap((table) => ['--table', table]);
  return [bin, 'watch', '--endpoint-url', endpointUrl, ...chosen, '--out', out, ...more];
}

/** How many items a finished `watch` says that it archived; of several tables, in all of them. */
export function archivedBy({ stderr }: Finished): number {
  return Number(
    stderr
      .match(/"archived":"?([\d,]+)/g)
      ?.at(-1)
      ?.replace(/\D/g, '') ?? Number.NaN,
  );
}
