import { ServerClock } from '../../src/aws/server-clock.js';
import { hasCode } from '../../src/errors.js';
import type { Clock, Log } from '../../src/ports/index.js';
import { watch } from '../../src/watch/watch.js';
import { type Audit, auditArchive, type ExpectedDeletion, expectedOf } from './archive-audit.js';
import { memoryBytes } from './archive-bytes.js';
import { type HttpStreams, openHttpStreams } from './http-streams.js';
import { inProcessStreams } from './in-process-streams.js';
import { Crash, MemoryDisk } from './memory-disk.js';
import { SIMULATED_START, simulatedClock } from './simulated-clock.js';
import type { Call, FaultName } from './streams-server/faults.js';
import { manualDelete, randomFaults, StreamModel, seededRandom, ttlDelete } from './streams-server.js';
import type { RunEnding, StreamChange, Topology } from './topology.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const JUMPS = [HOUR, DAY, 8 * DAY, -HOUR, -DAY, -8 * DAY];
const TABLE = 'T';
const DIRECTORY = '/archive';
/** Fewer than what counts as the tip of the stream (src/shards/pacing.ts). */
const EMPTY_PAGES = 3;
/** What is left of the changes when the runs with an ending are over is made in so large portions. */
const CHANGES_BETWEEN_RUNS = 3;

const FAULTS: readonly FaultName[] = [
  'throughputExceeded',
  'limitExceeded',
  'internalError',
  'html503',
  'reset',
  'truncated',
  'invalidJson',
  'wrongCrc',
  'emptyObject',
  'nullBody',
  'recordsNull',
  'recordsOfTheWrongShape',
  'expiredIterator',
];

/** Runs watch through a topology and audits the archive at its end. Rejects with any error that watch must not end with. */
export async function runTopology(
  topology: Topology,
  way: 'in-process' | 'http' = 'in-process',
  tell?: (event: string) => void,
): Promise<Audit> {
  const run = new TopologyRun(topology, tell);
  const server = way === 'http' ? await openHttpStreams(run.model) : undefined;
  try {
    for (const ending of topology.endings) await run.watchUntil(ending, server);
    while (run.stepsLeft > 0) {
      for (let changes = 0; changes < CHANGES_BETWEEN_RUNS; changes++) run.next();
      await run.watchUntil({ kind: 'by itself', after: 0 }, server);
    }
    const runToItsEnd = async (): Promise<void> => {
      // With faults a run may also find the endpoint silent and give up.
      for (let tries = 0; !(await run.watchUntil({ kind: 'by itself', after: 0 }, server, true)); tries++) {
        if (tries > 100) throw new Error('watch --once has given up a hundred times');
      }
    };
    while (run.isGrowing) await runToItsEnd();
    run.showAll();
    await runToItsEnd();
    return await run.audit();
  } finally {
    await server?.close();
  }
}

/** Calls after which a run that follows is stopped. */
const FOLLOWED_CALLS = 150;

const DEADLY: ReadonlySet<RunEnding['kind']> = new Set(['killed', 'power cut', 'zeroed sectors']);

class TopologyRun {
  readonly model: StreamModel;
  readonly #topology: Topology;
  readonly #random: () => number;
  readonly #steps: StreamChange[];
  readonly #expected: ExpectedDeletion[] = [];
  readonly #empties = new Map<string, number>();
  #disk = new MemoryDisk();
  /** The time at which the clock of the last run stood, and what it jumped by. */
  #time = SIMULATED_START;
  #jumped = 0;
  /** What the machine's own clock differs by. */
  #wrong = 0;
  #clock: Clock = simulatedClock();
  #calls = 0;
  #items = 0;
  #completed = 0;
  /** A stream was replaced, and no run has read everything since. */
  #hasUnread = false;
  #trimmedUpTo: number | undefined;

  readonly #tell: ((event: string) => void) | undefined;

  /** @param tell for debugging a topology: called with each call, change and line of the log. */
  constructor(topology: Topology, tell?: (event: string) => void) {
    this.#topology = topology;
    this.#tell = tell;
    this.#random = seededRandom(topology.seed);
    this.#steps = [...topology.steps];
    const { describePageSize, recordsPerPage, closedShardEnd, shardFilter, trimmedAt, roots } = topology;
    this.model = new StreamModel({
      now: () => this.#now(),
      settings: {
        describePageSize,
        closedShardEnd,
        shardFilter,
        trimmedAt,
        cutPage: () => 1 + Math.floor(this.#random() * recordsPerPage),
      },
    });
    this.model.createTable({ TableName: TABLE, shards: roots });
    this.#takeDueSteps();
  }

  /** The changes that follow whole runs are still to be made. */
  get isGrowing(): boolean {
    return (this.#topology.generations ?? 0) > 0 && this.#completed < 2;
  }

  get stepsLeft(): number {
    return this.#steps.length;
  }

  /** Runs watch once; gives whether it came to its end. */
  async watchUntil(ending: RunEnding, http?: HttpStreams, isLast = false): Promise<boolean> {
    const base = simulatedClock({ start: this.#time, turns: 1, busy: () => http?.isBusy() === true });
    this.#clock = base;
    this.#trim();
    const stop = new AbortController();
    const latest = this.model.table(TABLE).stream;
    const { faultShare, layout, concurrency, compress = 'none', deletions = 'ttl' } = this.#topology;
    const once = this.#topology.mode !== 'follow' || isLast;
    // A run that follows ends by a signal, if by nothing else before.
    const more = ending.kind === 'stopped' ? ending.after : once ? Infinity : FOLLOWED_CALLS;
    const limit = this.#calls + more;
    const onCall = (call?: Call): void => {
      this.#tell?.(`${call?.operation} ${JSON.stringify(call?.input)}`);
      if (++this.#calls >= limit) stop.abort();
      this.#takeDueSteps();
    };
    const faults = randomFaults({ probability: faultShare, random: this.#random, kinds: FAULTS });
    this.#arm(ending);
    const clock: Clock = { ...base, now: () => this.#now() + this.#wrong };
    const awsTime = new ServerClock(clock);
    const onDate = (date: string) => awsTime.setDate(date);
    const clients =
      http?.clients({ faults, onCall, onDate }) ?? inProcessStreams(this.model, { faults, onCall, onDate });
    const watching = watch(
      {
        table: TABLE,
        out: DIRECTORY,
        once,
        layout,
        deletions,
        compress,
        segmentSize: 2000,
        concurrency,
        signal: stop.signal,
      },
      {
        ...clients,
        clock,
        awsTime,
        random: this.#random,
        ...(this.#tell !== undefined && { log: logTo(this.#tell) }),
        disk: this.#disk,
      },
    );
    try {
      await base.runUntil(watching.done, 20_000);
      if (!stop.signal.aborted) this.#complete();
      if (!stop.signal.aborted && this.model.table(TABLE).stream === latest) this.#hasUnread = false;
      return !stop.signal.aborted;
    } catch (error) {
      const isExpected =
        error instanceof Crash ||
        hasCode(error, 'UNREACHABLE') ||
        (ending.kind === 'disk full' && hasCode(error, 'DISK'));
      if (!isExpected) throw error;
      return false;
    } finally {
      this.#time = base.now();
      this.#restart(ending);
    }
  }

  /** Makes the next change at once. */
  next(): void {
    const step = this.#steps.shift();
    if (step !== undefined) this.#take(step);
  }

  /** From now on the listing is right. */
  showAll(): void {
    for (const { ShardId, removed } of this.model.shards) if (!removed) this.model.show(ShardId);
  }

  audit(): Promise<Audit> {
    return auditArchive({
      archive: memoryBytes(this.#disk, DIRECTORY),
      expected: this.#expected,
      parentOf: (ShardId) => this.model.findShard(ShardId)?.ParentShardId,
      streamOf: (ShardId) => this.model.findShard(ShardId)?.stream.StreamArn,
      mustEndFirst: (ShardId) => this.model.findShard(ShardId)?.removed === false,
      trimmedUpTo: this.#trimmedUpTo,
    });
  }

  #complete(): void {
    this.#completed++;
    const { generations = 0 } = this.#topology;
    if (generations === 0) return;
    if (this.#completed === 2) this.#take({ kind: 'days', wait: 0, shard: 0, count: 1 });
    for (let generation = 0; this.#completed === 1 && generation < generations; generation++) {
      this.#take({ kind: 'put', wait: 0, shard: generation, count: 1 });
      this.#take({ kind: 'rollover', wait: 0, shard: generation, count: 1 });
    }
  }

  #now(): number {
    return this.#clock.now() + this.#jumped;
  }

  #arm({ kind, after }: RunEnding): void {
    if (DEADLY.has(kind)) this.#disk.stopAfter(after, this.#random);
    if (kind !== 'disk full') return;
    const full = this.#disk.mutations + after;
    const isFull = () => this.#disk.mutations >= full && this.#disk.mutations < full + 3;
    const grows = new Set(['write', 'append', 'createExclusive', 'openAppend', 'makeDirectory']);
    this.#disk.failWhen((operation) => (grows.has(operation) && isFull() ? 'ENOSPC' : undefined));
  }

  /** What a new process finds. */
  #restart({ kind }: RunEnding): void {
    if (kind === 'killed') this.#disk = this.#disk.kill();
    if (kind === 'power cut' || kind === 'zeroed sectors') {
      this.#disk = this.#disk.crash({ random: this.#random, zeroSectors: kind === 'zeroed sectors' });
    }
    if (kind === 'disk full') this.#disk.failWhen(undefined);
    // The next process has another pid; here it is the same one, whose lock would count as held.
    if (DEADLY.has(kind)) this.#disk.put(`${DIRECTORY}/.ttl-archive/lock`, undefined);
  }

  #takeDueSteps(): void {
    for (let step = this.#steps[0]; step !== undefined; step = this.#steps[0]) {
      if (step.wait > 0) {
        this.#steps[0] = { ...step, wait: step.wait - 1 };
        return;
      }
      this.#steps.shift();
      this.#take(step);
    }
  }

  #take({ kind, shard, count }: StreamChange): void {
    this.#tell?.(`-- ${kind} ${shard} ${count}`);
    const { model } = this;
    const shards = model.table(TABLE).stream?.shards ?? [];
    const open = shards.filter(({ closedAt }) => closedAt === undefined);
    const one = shards[shard % shards.length];
    const openOne = open[shard % open.length];
    if (kind === 'expire') model.expireIterators();
    else if (kind === 'clock') this.#wrong += JUMPS[count % JUMPS.length] ?? 0;
    else if (kind === 'hour') this.#pass(HOUR);
    else if (kind === 'day') this.#pass(DAY + HOUR);
    else if (kind === 'days') this.#pass(3 * DAY);
    else if (kind === 'replace') this.#replace(count);
    else if (kind === 'hide') this.#hide(one?.ShardId, count);
    else if (kind === 'showOpen' && one !== undefined) model.showOpen(one.ShardId, { calls: count });
    else if (openOne === undefined) return;
    else if (kind === 'put') this.#put(openOne.ShardId, count);
    else if (kind === 'split') model.split(openOne.ShardId, { late: { calls: count - 1 } });
    else if (kind === 'rollover') model.rollover(openOne.ShardId, { calls: count - 1 });
    else if (kind === 'close') model.close(openOne.ShardId);
    else if (kind === 'empty') this.#emptyPages(openOne.ShardId, openOne.log.length, count);
  }

  /**
   * The stream trims only what somebody has promised to have read: before the first whole run nobody did. And nobody
   * can know of a shard that no listing shows until it is trimmed and that leaves no descendant; on AWS every shard leaves some.
   */
  #pass(ms: number): void {
    if (ms > DAY && (this.#completed === 0 || this.#hasUnread || this.#hasAnUnseenLastOne())) return;
    this.#jumped += ms;
    this.#trim();
  }

  #hasAnUnseenLastOne(): boolean {
    const { shards } = this.model;
    const lives = ({ ShardId, closedAt }: (typeof shards)[number]): boolean =>
      closedAt === undefined || shards.some((child) => child.ParentShardId === ShardId && lives(child));
    return shards.some((shard) => !shard.removed && !shard.wasListed && !lives(shard));
  }

  /** A stream that no run has known is not promised; and the listing of one that is switched off is soon right. */
  #replace(count: number): void {
    if (this.#completed === 0) return;
    this.showAll();
    for (let index = 0; index < count; index += 2) {
      this.model.disableStream(TABLE);
      this.#pass(1);
      const { shards } = this.model.enableStream(TABLE, { shards: this.#topology.roots });
      this.#put(shards[0] ?? '', 2);
    }
    this.#hasUnread = true;
  }

  #trim(): void {
    if (this.#completed === 0) return;
    this.#trimmedUpTo = this.#now() - DAY;
    this.model.trimByAge(DAY);
  }

  /** What a stream lost that was never listed completely is unknown. */
  #hide(ShardId: string | undefined, calls: number): void {
    if (this.#completed > 0 && ShardId !== undefined) this.model.hide(ShardId, { calls });
  }

  #emptyPages(ShardId: string, index: number, pages: number): void {
    const key = `${ShardId} ${index}`;
    const before = this.#empties.get(key) ?? 0;
    const more = Math.min(pages, EMPTY_PAGES - before);
    this.#empties.set(key, before + more);
    if (more > 0) this.model.emptyPages(ShardId, more);
  }

  #put(ShardId: string, count: number): void {
    for (let index = 0; index < count; index++) {
      const number = this.#items++;
      // TTL deletes what has expired; what people delete has, or has not.
      const byTtl = this.#random() < 0.7;
      const expired = byTtl || this.#random() < 0.5;
      const item = {
        PK: { S: `${'/../é😀 "\\'.slice(0, number % 11)}${number % 5}` },
        ttl: { N: String(Math.floor(this.#now() / 1000) + (expired ? -60 : 3600)) },
        number: { N: `${number}.500` },
        bytes: { B: Buffer.from(`${number}`).toString('base64') },
      };
      const [put] = this.model.put(ShardId, byTtl ? ttlDelete(item) : manualDelete(item));
      const { deletions = 'ttl' } = this.#topology;
      const counts = byTtl || deletions === 'all' || (deletions === 'inferred' && expired);
      if (put !== undefined && counts) this.#expected.push(expectedOf(put, this.#now()));
    }
  }
}

function logTo(tell: (event: string) => void): Log {
  const write = (facts: object, message: string) => tell(`log: ${message} ${JSON.stringify(facts)}`);
  return { debug: write, info: write, warn: write, error: write };
}
