import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type AuditCounts,
  addCounts,
  auditArchive,
  type ExpectedDeletion,
  expectedOf,
  NO_COUNTS,
} from './archive-audit.js';
import { folderBytes } from './archive-bytes.js';
import { IN_NAMESPACE, signalInNamespace, whyNoNamespaces } from './namespaces.js';
import { StreamModel, seededRandom, startStreamsServer, ttlDelete } from './streams-server.js';

const BIN = process.env['TTL_ARCHIVE_BIN'] ?? new URL('../../dist/bin.js', import.meta.url).pathname;
/** Runs at the same time: they mostly wait for a renewal of the lock. */
const PARALLEL = 5;
/** Longer than any start, any wait for a lease, and any end takes on a busy machine. */
const PATIENCE = 90_000;

/** How the one that has the folder ends. Behind a kill and a suspension the next one has to wait for a lease. */
const ENDS = ['stopped', 'stopped', 'stopped', 'stopped', 'stopped', 'stopped', 'killed', 'suspended'] as const;

export interface NamespacesOptions {
  readonly runs: number;
  readonly seed: number;
  readonly onRun?: () => void;
}

/**
 * Lets two built CLIs, each in a PID namespace of its own as in a container, compete for one archive folder while its
 * stream grows: one writes, the other one ends with 6 and has written nothing, whatever becomes of the first. Then one
 * more reads the rest, and the archive is audited.
 */
export async function soakNamespaces({ runs, seed, onRun }: NamespacesOptions) {
  const figures: AuditCounts = { ...NO_COUNTS };
  const problems: string[] = [];
  const reason = whyNoNamespaces();
  if (reason !== undefined) {
    problems.push(`not done: no PID namespace can be made here (needs root or CAP_SYS_ADMIN): ${reason}`);
    return { ...figures, problems };
  }
  const random = seededRandom(seed);
  let left = runs;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const run = runs - left--;
      const audit = await compete(ENDS[run % ENDS.length] ?? 'stopped', random);
      addCounts(figures, audit);
      problems.push(...audit.problems.map((problem) => `run ${run}: ${problem}`));
      onRun?.();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return { ...figures, problems };
}

async function compete(end: (typeof ENDS)[number], random: () => number) {
  const directory = await mkdtemp(join(tmpdir(), 'ttl-archive-namespaces-'));
  const model = new StreamModel();
  const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
  const expected: ExpectedDeletion[] = [];
  const timer = setInterval(() => {
    const [put] = model.put(ShardId, ttlDelete({ PK: { S: `item-${expected.length}` } }));
    if (put !== undefined) expected.push(expectedOf(put, Date.now()));
  }, 20);
  const server = await startStreamsServer({ model, latencyMs: 2 });
  const problems: string[] = [];
  const started: Watch[] = [];
  const start = (...more: string[]): Watch => {
    const watch = startInNamespace(server.endpointUrl, directory, more);
    started.push(watch);
    return watch;
  };
  const expectStatus = async (who: string, watch: Watch, wanted: number | null): Promise<void> => {
    const status = await Promise.race([watch.ended, wait(PATIENCE, 'no end')]);
    if (status !== wanted) problems.push(`${who} ended with ${status} instead of ${wanted}: ${watch.stderr()}`);
  };
  try {
    const one = start();
    await wait(random() * 20);
    const other = start();
    const isOneOut = await Promise.race([one.ended.then(() => true), other.ended.then(() => false), wait(PATIENCE)]);
    const [winner, loser] = isOneOut === true ? [other, one] : [one, other];
    await expectStatus('the loser', loser, 6);
    if (loser.stdout() !== '') problems.push('the loser has archived something');
    await Promise.race([winner.archived, winner.ended, wait(PATIENCE)]);
    await wait(random() * 200);
    if (winner.stdout() === '') problems.push(`the winner has archived nothing: ${winner.stderr()}`);
    if (end === 'stopped') {
      await winner.kill('SIGTERM');
      await expectStatus('the winner', winner, 0);
    } else if (end === 'killed') {
      await winner.kill('SIGKILL');
      await winner.ended;
    } else {
      await winner.kill('SIGSTOP');
      const next = start();
      await Promise.race([next.archived, next.ended, wait(PATIENCE)]);
      await winner.kill('SIGCONT');
      await expectStatus('the one that was suspended', winner, 6);
      await next.kill('SIGTERM');
      await expectStatus('the one that took over', next, 0);
    }
    clearInterval(timer);
    await expectStatus('watch --once', start('--once'), 0);
    const audit = await auditArchive({
      archive: folderBytes(directory),
      expected,
      parentOf: () => undefined,
    });
    return { ...audit, problems: [...problems, ...audit.problems] };
  } finally {
    clearInterval(timer);
    for (const { child } of started) child.kill('SIGKILL'); // unshare takes the CLI with it
    await server.close();
    await rm(directory, { recursive: true, maxRetries: 3 });
  }
}

interface Watch {
  readonly child: ChildProcess;
  /** The first item was archived. */
  readonly archived: Promise<void>;
  /** The CLI's exit status. */
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Signals the CLI, not `unshare`. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

function startInNamespace(endpointUrl: string, out: string, more: readonly string[]): Watch {
  const [unshare = '', ...options] = IN_NAMESPACE;
  const fixed = ['watch', '--table', 'T', '--out', out, '--endpoint-url', endpointUrl, '--region', 'us-east-1'];
  const args = [process.execPath, BIN, ...fixed, '--poll-interval', '50ms', '--log-level', 'error', ...more];
  const child = spawn(unshare, [...options, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  return {
    child,
    archived: new Promise((resolve) => child.stdout.once('data', () => resolve())),
    ended: new Promise((resolve) => child.once('close', (status) => resolve(status))),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    kill: (signal) => signalInNamespace(child, signal),
  };
}
