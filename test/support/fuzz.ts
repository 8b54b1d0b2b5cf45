import { isTtlDeletion } from '../../src/archive/deletion.js';
import { TtlArchiveError } from '../../src/errors.js';
import { readJournal } from '../../src/journal/read-journal.js';
import type { ChangeRecord } from '../../src/ports/index.js';
import { watch } from '../../src/watch/watch.js';
import { auditArchive, type ExpectedDeletion, expectedOf } from './archive-audit.js';
import { memoryBytes } from './archive-bytes.js';
import { type InProcessOptions, inProcessStreams } from './in-process-streams.js';
import { MemoryDisk } from './memory-disk.js';
import { mutatedBytes, mutatedJson } from './mutate.js';
import { simulatedClock } from './simulated-clock.js';
import { StreamModel, seededRandom, ttlDelete } from './streams-server.js';

export interface FuzzResult {
  readonly mutated: number;
  readonly problems: readonly string[];
}

const DIRECTORY = '/archive';
const STATE = `${DIRECTORY}/.ttl-archive`;
/** Of each run the calls after this one are answered rightly, so that it comes to an end. */
const MUTATED_CALLS = 40;

/**
 * Answers that are not quite right: watch ends, with an error of its own if with any, and no checkpoint passes a TTL
 * deletion that came in a page which was taken and is not archived.
 */
export async function fuzzResponses(count: number, seed: number): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const problems: string[] = [];
  const done = { mutated: 0 };
  while (done.mutated < count) {
    const { model, disk } = smallStream(random);
    const truth = new Set(model.shards.flatMap(({ ShardId }) => [...model.records(ShardId)]));
    const taken = new Map<string, Map<string, bigint>>();
    const last = new Map<string, bigint>();
    const onPage = (ShardId: string, records: readonly ChangeRecord[]): void => {
      for (const record of records) {
        const number = BigInt(record.dynamodb.SequenceNumber);
        if (number <= (last.get(ShardId) ?? -1n)) continue;
        last.set(ShardId, number);
        if (!isTtlDeletion(record) || !truth.has(JSON.stringify(record))) continue;
        const shard = taken.get(ShardId) ?? new Map<string, bigint>();
        taken.set(ShardId, shard.set(record.eventID, number));
      }
    };
    let calls = 0;
    const mutate = (body: string): string => {
      if (++calls > MUTATED_CALLS || random() > 0.4) return body;
      done.mutated++;
      return mutatedJson(body, random);
    };
    const error = await runOnce(model, disk, random, { mutate, onPage });
    if (error !== undefined) problems.push(error);
    const passedOver = await checkpointsPast(disk, taken);
    problems.push(...passedOver);
  }
  return { mutated: done.mutated, problems };
}

/** Damaged files of the archive: watch says so, or goes on and archives everything exactly once. */
export async function fuzzJournals(count: number, seed: number): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const problems: string[] = [];
  for (let mutated = 0; mutated < count; ) {
    const { model, disk, expected, put, passMidnight } = smallStream(random);
    const first = await runOnce(model, disk, random, {});
    if (first !== undefined) problems.push(first);
    await passMidnight();
    put(4);
    if (random() < 0.5) await runOnce(model, disk, random, {});
    for (let use = 0; use < 25; use++, mutated++) {
      const damaged = copyOf(disk);
      const { damage, isHidden } = damageOne(damaged, random);
      const problem = await runOnce(model, damaged, random, {}, (error) => error.code !== 'UNREACHABLE');
      if (problem !== undefined && problem !== REFUSED) problems.push(`${damage}: ${problem}`);
      // An archive that was refused is as damaged as before.
      if (problem !== undefined) continue;
      const audit = await auditOf(damaged, expected, isHidden);
      if (audit instanceof Error) problems.push(`${damage}: ${audit.stack}`);
      else problems.push(...audit.map((text) => `${damage}: ${text}`));
    }
  }
  return { mutated: count, problems };
}

const REFUSED = 'refused';

/** Undefined: all went well; `refused`: with an error that `isRefusal` knows; else what is wrong. */
async function runOnce(
  model: StreamModel,
  disk: MemoryDisk,
  random: () => number,
  options: InProcessOptions,
  isRefusal?: (error: TtlArchiveError) => boolean,
): Promise<string | undefined> {
  const clock = simulatedClock({ start: model.now(), turns: 1 });
  const layout = disk.content(`${STATE}/archive.json`)?.includes('segments') === true ? 'segments' : 'files';
  try {
    await clock.runUntil(
      watch(
        { table: 'T', out: DIRECTORY, once: true, compress: 'none', layout },
        { ...inProcessStreams(model, options), clock, random, disk },
      ).done,
      5_000,
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof TtlArchiveError)) return `not an error of its own: ${stackOf(error)}`;
    if (error.code === 'INTERNAL') return `internal: ${stackOf(error)} ${stackOf(error.cause)}`;
    return isRefusal?.(error) === true ? REFUSED : undefined;
  }
}

function smallStream(random: () => number) {
  const clock = simulatedClock();
  const model = new StreamModel({ now: () => clock.now(), settings: { describePageSize: 2 } });
  const { shards } = model.createTable({ TableName: 'T', shards: 2 });
  const expected: ExpectedDeletion[] = [];
  const put = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const open = model.shards.filter(({ closedAt }) => closedAt === undefined);
      const shard = open[Math.floor(random() * open.length)]?.ShardId ?? '';
      const item = { PK: { S: `${index}` }, ttl: { N: '1795000000' }, data: { S: 'é'.repeat(index % 9) } };
      for (const one of model.put(shard, ttlDelete(item))) expected.push(expectedOf(one, model.now()));
    }
  };
  put(5);
  model.split(shards[0] ?? '');
  put(5);
  return { model, disk: new MemoryDisk(), expected, put, passMidnight: () => clock.advance(13 * 3_600_000) };
}

async function checkpointsPast(disk: MemoryDisk, taken: ReadonlyMap<string, ReadonlyMap<string, bigint>>) {
  const problems: string[] = [];
  const archived = new Set<string>();
  for await (const record of readJournal({ disk }, STATE)) {
    if ('problem' in record) problems.push(`journal: ${record.problem}`);
    else if (record.line.type === 'item') archived.add(record.line.eventID);
    else if (record.line.type === 'checkpoint' && /^(\d+|SHARD_END)$/.test(record.line.position)) {
      const { ShardId, position } = record.line;
      for (const [eventID, number] of taken.get(ShardId) ?? []) {
        if (archived.has(eventID) || (position !== 'SHARD_END' && number > BigInt(position))) continue;
        problems.push(`the checkpoint ${position} of ${ShardId} is past ${number}, which is not archived`);
      }
    }
  }
  return problems;
}

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const path of disk.paths()) copy.put(path, disk.content(path));
  return copy;
}

interface Damage {
  /** What was done, for the message. */
  readonly damage: string;
  /** A start does not see it: it reads only what follows the snapshot's place, and looks at the sizes of the rest. */
  readonly isHidden: boolean;
}

/** Damages one of the archive's own files. */
function damageOne(disk: MemoryDisk, random: () => number): Damage {
  const own = disk.paths().filter((path) => path.startsWith(`${STATE}/`) && !path.includes('/tmp/'));
  const journals = own.filter((path) => path.endsWith('.ndjson'));
  const among = random() < 0.6 ? journals : own;
  const path = among[Math.floor(random() * among.length)] ?? `${STATE}/archive.json`;
  if (random() < 0.04) {
    disk.put(path, undefined);
    return { damage: `${path} removed`, isHidden: false };
  }
  const whole = disk.content(path) ?? Buffer.alloc(0);
  const { bytes, how } = mutatedBytes(whole, random);
  disk.put(path, bytes);
  // Without the snapshot there is nothing that knows where the journal ended.
  const keepsSnapshot = random() >= 0.3;
  if (!keepsSnapshot) disk.put(`${STATE}/checkpoints.json`, undefined);
  return { damage: `${path} ${how}`, isHidden: keepsSnapshot && bytes.length === whole.length };
}

async function auditOf(
  disk: MemoryDisk,
  expected: readonly ExpectedDeletion[],
  isHidden: boolean,
): Promise<readonly string[] | Error> {
  try {
    const audit = await auditArchive({
      archive: memoryBytes(disk, DIRECTORY),
      expected,
      parentOf: () => undefined,
      // What a lost end of the journal listed is in the folder all the same.
      trimmedUpTo: 0,
    });
    // What the start does not see is for `verify` to find.
    return isHidden && audit.problems.some((problem) => problem.startsWith('broken ')) ? [] : audit.problems;
  } catch (error) {
    if (error instanceof TtlArchiveError && error.code !== 'INTERNAL') return [];
    return error instanceof Error ? error : new Error(String(error));
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
