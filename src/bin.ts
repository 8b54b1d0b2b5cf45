#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { type Io, Stop } from './cli/io.js';
import { runProgram } from './cli/program.js';

// Node 20 is supported here; the SDK's advice to upgrade is not for a user of the CLI.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const stop = new AbortController();
let signals = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    stop.abort(new Stop(name));
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') stop.abort(new Stop('EPIPE'));
  else throw error;
});
// Nobody reads the log any more: archiving goes on.
process.stderr.on('error', () => undefined);

// An archiver shares its machine. By default V8 lets a heap grow fourfold before it clears away the pages that are done
// with. Once this process is large, twofold has to do: that costs 10 % more time, and saves a fifth of the memory.
const LARGE = 140 * 1024 * 1024;
const growth = setInterval(() => {
  if (process.memoryUsage.rss() < LARGE) return;
  setFlagsFromString('--heap-growing-percent=100');
  clearInterval(growth);
}, 500).unref();

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  ask: async (question) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question, { signal: stop.signal });
    } finally {
      lines.close();
    }
  },
};

const status = await runProgram(process.argv.slice(2), io);
// Exit even if a socket or a timer is still open, but not before stdout has taken everything.
process.stdout.write('', () => process.exit(status));
