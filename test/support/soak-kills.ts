import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Audit, auditArchive, type ExpectedDeletion, expectedOf } from './archive-audit.js';
import { folderBytes } from './archive-bytes.js';
import {
  type FaultName,
  randomFaults,
  StreamModel,
  seededRandom,
  startStreamsServer,
  ttlDelete,
} from './streams-server.js';

export interface KillsOptions {
  readonly kills: number;
  readonly layout: 'files' | 'segments';
  readonly seed: number;
  /** Share of the calls that fail. */
  readonly faultShare?: number;
  /** More options of `watch`. */
  readonly options?: readonly string[];
  readonly onKill?: () => void;
}

/** Another build may be named, so that a long soak does not mind a new one. */
const BIN = process.env['TTL_ARCHIVE_BIN'] ?? new URL('../../dist/bin.js', import.meta.url).pathname;
const MAX_SHARDS = 16;
const FAULTS: readonly FaultName[] = [
  'throughputExceeded',
  'internalError',
  'html503',
  'reset',
  'truncated',
  'wrongCrc',
];
/** Longer than any start takes on a busy machine. */
const PATIENCE = 60_000;

/** Kills the built CLI with SIGKILL at random moments while the stream grows and splits, then audits what it archived. */
export async function soakKills({
  kills,
  layout,
  seed,
  faultShare = 0,
  options = [],
  onKill,
}: KillsOptions): Promise<Audit> {
  const random = seededRandom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'ttl-archive-soak-'));
  const model = new StreamModel();
  model.createTable({ TableName: 'T', shards: 4 });
  const faults = randomFaults({ probability: faultShare, random, kinds: FAULTS });
  const server = await startStreamsServer({ model, latencyMs: 3, faults });
  const stream = new GrowingStream(model, random);
  const start = (...more: string[]) =>
    startWatch(server.endpointUrl, directory, ['--layout', layout, ...options, ...more]);
  const problems: string[] = [];
  const checked = new Set<string>();
  const timer = setInterval(() => stream.grow(), 10);
  try {
    for (let kill = 0; kill < kills; kill++) {
      const run = start();
      if (random() < 0.25) await Promise.race([wait(random() * 600), run.ended]);
      else {
        await Promise.race([run.archived, run.ended, wait(PATIENCE)]);
        await Promise.race([wait(random() * 150), run.ended]);
      }
      if (run.child.exitCode !== null) problems.push(`watch ended by itself: ${run.child.exitCode} ${run.errors()}`);
      run.child.kill('SIGKILL');
      await run.ended;
      if (layout === 'files') problems.push(...(await halfWritten(directory, checked, stream.bodies)));
      onKill?.();
    }
    clearInterval(timer);
    const status = await finish(() => start('--once'));
    if (status !== 0) problems.push(`watch --once ended with ${status}`);
    const audit = await auditArchive({
      archive: folderBytes(directory),
      expected: stream.expected,
      parentOf: (ShardId) => model.findShard(ShardId)?.ParentShardId,
    });
    const half = problems.filter((problem) => problem.startsWith('half-written')).length;
    return { ...audit, halfWritten: audit.halfWritten + half, problems: [...problems, ...audit.problems] };
  } finally {
    clearInterval(timer);
    await server.close();
    await rm(directory, { recursive: true });
  }
}

/** With faults a run may find the endpoint silent and give up; then another one goes on. */
async function finish(start: () => WatchProcess): Promise<number | null> {
  const UNREACHABLE = 11;
  for (let tries = 1; ; tries++) {
    const status = await start().ended;
    if (status !== UNREACHABLE || tries === 20) return status;
  }
}

/** A stream under load. */
class GrowingStream {
  readonly expected: ExpectedDeletion[] = [];
  /** The content of every file that may be in the archive. */
  readonly bodies = new Set<string>();
  readonly #model: StreamModel;
  readonly #random: () => number;
  #turn = 0;

  constructor(model: StreamModel, random: () => number) {
    this.#model = model;
    this.#random = random;
  }

  grow(): void {
    const open = this.#model.shards.filter(({ closedAt }) => closedAt === undefined);
    const one = open[Math.floor(this.#random() * open.length)]?.ShardId ?? '';
    const children = open.length < MAX_SHARDS ? 2 : 1;
    if (++this.#turn % 50 === 0) return void this.#model.split(one, { children, late: { calls: 1 } });
    const item = {
      PK: { S: `item-${this.#turn}` },
      ttl: { N: String(Math.floor(Date.now() / 1000) - 60) },
      data: { S: 'x'.repeat(Math.floor(this.#random() * 2000)) },
    };
    for (const put of this.#model.put(one, ttlDelete(item), ttlDelete({ ...item, more: { BOOL: true } }))) {
      const expected = expectedOf(put, Date.now());
      this.expected.push(expected);
      this.bodies.add(`${expected.body}\n`);
    }
  }
}

export interface WatchProcess {
  readonly child: ChildProcess;
  /** The first item was archived. */
  readonly archived: Promise<void>;
  /** The exit status; null: killed. */
  readonly ended: Promise<number | null>;
  errors(): string;
}

/** The built CLI's `watch` of the table `T`. */
export function startWatch(endpointUrl: string, out: string, more: readonly string[]): WatchProcess {
  const fixed = ['watch', '--table', 'T', '--out', out, '--endpoint-url', endpointUrl, '--region', 'us-east-1'];
  const child = spawn(process.execPath, [BIN, ...fixed, '--poll-interval', '50ms', '--log-level', 'error', ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    child,
    archived: new Promise((resolve) => child.stdout.on('data', () => resolve())),
    ended: new Promise((resolve) => child.once('close', (status) => resolve(status))),
    errors: () => errors,
  };
}

/** Looks at the files that have come since the last look: a reader must never see a part of an item. */
async function halfWritten(directory: string, checked: Set<string>, bodies: ReadonlySet<string>): Promise<string[]> {
  const problems: string[] = [];
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((other) => other !== '.ttl-archive' && !checked.has(other))) {
    checked.add(name);
    if (!bodies.has(await readFile(join(directory, name), 'utf8'))) problems.push(`half-written: ${name}`);
  }
  return problems;
}
