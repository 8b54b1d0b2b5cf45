#!/usr/bin/env node
import { PerformanceObserver } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
// Only small modules: the signal handlers must be in place before the rest is loaded.
import { type Io, Stop } from './cli/io.js';
import { npmLauncher, ownStat, startedByNohup } from './cli/launcher.js';
import { whyUnsupported } from './cli/node-version.js';
import { fileOutput, isFileLike, type ProcessOutput, streamOutput } from './cli/process-output.js';
import { processTerminal } from './cli/terminal.js';

/** The exit status for an unsupported Node.js. */
const USAGE = 2;
/** Milliseconds that a slow reader of stdout gets after a signal. */
const FLUSH_TIMEOUT = 1500;
/** Milliseconds between two checks of the npm that started this process. */
const LAUNCHER_POLL = 1000;

const stop = new AbortController();
let signals = 0;
const onSignal = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => {
  signals += 1;
  if (signals > 1) process.exit(130);
  stop.abort(new Stop(name));
};
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
process.on('SIGHUP', startedByNohup(process.env) ? () => undefined : onSignal);

const unsupported = whyUnsupported(process.versions.node);
if (unsupported !== undefined) {
  process.stderr.write(`error: ${unsupported}\n`);
  process.exit(USAGE);
}

// By default V8 lets a heap grow fourfold before a full garbage collection. Once much has survived in it, twofold is the limit: a
// tenth less memory at 1,000 shards. Not before: pages of records, which are outside of the heap, count towards the limit, too,
// and a small heap would be collected with every one or two of them.
limitHeap(['old_space', 'large_object_space'], 30, '--heap-growing-percent=100');
// The space of new objects stays at half of what V8 would let it grow to: up to 30 MB less at 1,000 shards, in the same time.
limitHeap(['new_space'], 16, '--semi-space-growth-factor=1');

const isOrphaned = npmLauncher({ env: process.env, ppid: process.ppid, ppidNow: () => process.ppid });
if (isOrphaned !== undefined) {
  const orphanWatch = setInterval(() => {
    if (!isOrphaned()) return;
    clearInterval(orphanWatch);
    onSignal('SIGTERM');
  }, LAUNCHER_POLL).unref();
}

/** Sets a flag of V8 once these spaces of the heap together have so many megabytes. Looks after garbage collections only: an idle process has hardly any. */
function limitHeap(spaces: readonly string[], megabytes: number, flag: string): void {
  const collections = new PerformanceObserver(() => {
    const sizes = getHeapSpaceStatistics().map(({ space_name: name, space_size: size }) =>
      spaces.includes(name) ? size : 0,
    );
    if (sizes.reduce((sum, size) => sum + size, 0) < megabytes * 1024 * 1024) return;
    setFlagsFromString(flag);
    collections.disconnect();
  });
  collections.observe({ entryTypes: ['gc'] });
}

let outputFailure: unknown;
const { signal } = stop;
const stdout = openOutput(1, process, 'stdout', (error) => {
  if (isBrokenPipe(error)) return stop.abort(new Stop('EPIPE'));
  outputFailure ??= error;
  stop.abort(new Stop('OUTPUT'));
});
// Archiving continues without a reader of the log, or with a full disk.
const stderr = openOutput(2, process, 'stderr', () => undefined);

const { outputError, runProgram } = await import('./cli/program.js');

const io: Io = {
  stdout,
  stderr,
  env: process.env,
  cwd: process.cwd(),
  signal,
  ...((stdout.isTTY === true || stderr.isTTY === true) && { terminal: processTerminal(process, ownStat) }),
  ask: async (question) => {
    if (!process.stdin.isTTY || stderr.isTTY !== true) return undefined;
    const { ask } = await import('./cli/ask.js');
    return ask(question, { input: process.stdin, output: process.stderr, signal });
  },
  flush: async () => {
    await Promise.race([stdout.finish(), afterStop(FLUSH_TIMEOUT)]);
    return outputFailure === undefined ? undefined : outputError(outputFailure);
  },
};

// Exit even if a socket or a timer is still open.
process.exit(await runProgram(process.argv.slice(2), io));

function openOutput(
  fd: number,
  streams: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
  name: 'stdout' | 'stderr',
  onError: (error: unknown) => void,
): ProcessOutput {
  // `process.stdout` of a file must stay unused: it would be a second writer.
  return isFileLike(fd, isatty(fd)) ? fileOutput(fd, { onError }) : streamOutput(streams[name], { onError, signal });
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Resolves `ms` milliseconds after the signal has aborted. */
async function afterStop(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const begin = () => setTimeout(resolve, ms);
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
  });
}
