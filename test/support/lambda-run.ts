import { readManifests } from '../../src/archive/read-manifests.js';
import { TtlArchiveError } from '../../src/errors.js';
import { createHandler } from '../../src/lambda/create-handler.js';
import type { ObjectStorage } from '../../src/ports/index.js';
import { openGaps } from '../../src/replay/open-gaps.js';
import { newReplayTotals, replay } from '../../src/replay/replay.js';
import { createObjectEntryReader } from '../../src/restore/object-entry-reader.js';
import { failedInvocation } from './failed-invocation.js';
import { lambdaEvent } from './lambda-event.js';
import { type LambdaHistory, type MadeRecord, recordsOf } from './lambda-history.js';
import { memoryStorage } from './memory-storage.js';
import { notedLog } from './noted-log.js';
import { readS3Archive } from './s3-archive-oracle.js';
import { checkRestored } from './s3-restore-check.js';

/** Where the objects of a run are: in memory, or in a fake S3 with the SDK before it. */
export interface Place {
  readonly objects: Map<string, Buffer>;
  /** Default: memory. */
  readonly storage?: ObjectStorage;
  /** What invocations have sent to it: that of a killed one may still arrive. */
  readonly arriving?: Promise<unknown>[];
}

/**
 * Runs a history through the handler as an event source mapping would: batches in the order of each shard, retried as the
 * answers say, bisected or cut anew, given up after so many retries. Gives what is wrong with the outcome, in words.
 */
export async function runLambda(history: LambdaHistory, given: Place = { objects: new Map() }): Promise<string[]> {
  const arriving: Promise<unknown>[] = [];
  const place = { ...given, arriving };
  const problems: string[] = [];
  const shards = recordsOf(history);
  const failed = new Set<MadeRecord>();
  const onFailure = new Map<string, Buffer>();
  const poisoned: string[] = [];
  const turns = { cut: 0, fate: 0 };
  const nextCut = () => history.cuts[turns.cut++ % history.cuts.length] ?? 1;
  const isVisible = (records: readonly MadeRecord[]) => {
    const seen = new Set(readS3Archive(place.objects).map(({ eventID }) => eventID));
    return records.every(({ eventID, line }) => line === undefined || seen.has(eventID));
  };

  /** The index of the first record that Lambda has to deliver again; the batch's length: none. */
  async function invoke(batch: readonly MadeRecord[]): Promise<{ from: number; isHeard: boolean }> {
    const fate = history.fates[turns.fate++ % history.fates.length] ?? { kind: 'fine' };
    const { storage, killed } = doomed(place, fate);
    const handle = createHandler({ storage, log: notedLog() }, { deletions: 'ttl', ttlAttribute: 'ttl' });
    const answer = await Promise.race([
      killed,
      handle(lambdaEvent(batch.map(({ sent }) => sent))).catch(() => undefined),
    ]);
    if (answer === undefined) return { from: 0, isHeard: true };
    const [failure, ...others] = answer.batchItemFailures;
    const number = failure?.itemIdentifier;
    const from = number === undefined ? batch.length : batch.findIndex(({ sent }) => numberOf(sent) === number);
    if (from < 0 || others.length > 0) problems.push(`reports ${JSON.stringify(answer)}`);
    if (number !== undefined && batch.findIndex(({ isPoison }) => isPoison) !== from) {
      problems.push(`reports the record ${from} of a batch: ${JSON.stringify(batch.map(({ isPoison }) => isPoison))}`);
    }
    if (number === undefined && batch.some(({ isPoison }) => isPoison)) problems.push('acknowledges a poison record');
    if (!isVisible(batch.slice(0, from))) problems.push('acknowledges records that are not archived');
    return { from, isHeard: fate.kind !== 'unheard' };
  }

  const giveUp = (records: readonly MadeRecord[]) => {
    for (const record of records) failed.add(record);
    const [key, content] = failedInvocation({ records: records.map(({ sent }) => sent), id: String(onFailure.size) });
    onFailure.set(key, content);
    if (records.some(({ isPoison }) => isPoison)) poisoned.push(key);
  };

  /** A batch that is halved until what cannot be archived is alone. */
  async function bisect(batch: readonly MadeRecord[], retries: number): Promise<void> {
    const { from, isHeard } = await invoke(batch);
    const rest = isHeard ? batch.slice(from) : batch;
    if (rest.length === 0) return;
    // It splits at the record that was reported, else in the middle, and neither counts as a retry.
    if (rest.length < batch.length) return bisect(rest, retries);
    if (rest.length > 1) {
      const half = rest.length >> 1;
      await bisect(rest.slice(0, half), retries);
      return bisect(rest.slice(half), retries);
    }
    return retries === 0 ? giveUp(rest) : bisect(rest, retries - 1);
  }

  async function readShard(records: readonly MadeRecord[]): Promise<void> {
    for (let at = 0, { retries } = history; at < records.length; ) {
      const batch = records.slice(at, at + nextCut());
      if (history.bisects) {
        await bisect(batch, retries);
        at += batch.length;
        continue;
      }
      // Without bisecting, a retry begins at the same record, and may have more records or fewer.
      const { from, isHeard } = await invoke(batch);
      if (isHeard) at += from;
      if (isHeard && from === batch.length) retries = history.retries;
      else if (retries > 0) retries--;
      else {
        const rest = isHeard ? batch.slice(from) : batch;
        giveUp(rest);
        at += rest.length;
        retries = history.retries;
      }
    }
  }
  await Promise.all(shards.map(readShard));
  await Promise.allSettled(arriving);

  const expected = new Map<string, MadeRecord>();
  for (const record of shards.flat()) if (record.line !== undefined) expected.set(record.eventID, record);
  const oracle = readS3Archive(place.objects).map(({ eventID, line }) => ({ eventID, line }));
  for (const { eventID, line } of oracle) {
    if (expected.get(eventID)?.line !== line) problems.push(`${eventID} is archived as ${line}`);
  }
  for (const [eventID, record] of expected) {
    const isArchived = oracle.some((item) => item.eventID === eventID);
    if (!isArchived && !failed.has(record)) problems.push(`${eventID} is lost`);
  }
  if (history.bisects && history.fates.every(({ kind }) => kind === 'fine')) {
    for (const { eventID, isPoison } of failed) if (!isPoison) problems.push(`${eventID} is given up for no reason`);
  }
  const read = await readAll(place.storage ?? memoryStorage(place.objects));
  if (JSON.stringify(sorted(read)) !== JSON.stringify(sorted(oracle))) problems.push('the reader sees something else');
  problems.push(...(await replayAll(history, place, { onFailure, poisoned, expected: [...expected.values()] })));
  return [...problems, ...(await checkRestored(place.storage ?? memoryStorage(place.objects), place.objects))];
}

/** Replays what Lambda gave up on: killed at some calls, then twice to the end. Gives what is wrong then. */
async function replayAll(
  history: LambdaHistory,
  place: Place,
  given: { onFailure: Map<string, Buffer>; poisoned: readonly string[]; expected: readonly MadeRecord[] },
): Promise<string[]> {
  const { onFailure, poisoned, expected } = given;
  const problems: string[] = [];
  const location = { bucket: 'failed', prefix: '' };
  const left = new Map<string, number>();
  const run = (archive: ObjectStorage) => {
    left.clear();
    const context = {
      failed: { storage: memoryStorage(onFailure), location },
      archive,
      totals: newReplayTotals(),
      onLeft: ({ key }: { readonly key: string }) => void left.set(key, (left.get(key) ?? 0) + 1),
      signal: new AbortController().signal,
    };
    const options = { table: 'Orders', rule: { deletions: 'ttl', ttlAttribute: 'ttl' } as const };
    return replay(context, { ...options, delete: history.seed % 2 === 0 }).then(() => context.totals);
  };
  for (const fate of history.fates) {
    const { storage, killed } = doomed(place, fate);
    await Promise.race([killed, run(storage).catch(() => undefined)]);
  }
  await Promise.allSettled(place.arriving ?? []);
  await run(place.storage ?? memoryStorage(place.objects));
  const again = await run(place.storage ?? memoryStorage(place.objects));
  if (again.batches > 0) problems.push(`${again.batches} batches are replayed twice`);

  const oracle = readS3Archive(place.objects).map(({ eventID, line }) => ({ eventID, line }));
  const wanted = expected.map(({ eventID, line = '' }) => ({ eventID, line }));
  if (JSON.stringify(sorted(oracle)) !== JSON.stringify(sorted(wanted))) problems.push('replay has not archived all');
  // What is left holds a record that cannot be archived, and is a gap.
  const gaps = new Set<string>();
  const failed = { storage: memoryStorage(onFailure), location };
  for await (const { key } of openGaps(failed, memoryStorage(place.objects), 'Orders')) gaps.add(key);
  for (const [what, keys] of Object.entries({ gaps, left: left.keys() })) {
    const found = [...keys].toSorted().join();
    if (found !== poisoned.toSorted().join()) problems.push(`${what}: ${found}`);
  }
  return problems;
}

/** A storage that fails, or never answers again, at one of its calls. */
function doomed(place: Place, fate: LambdaHistory['fates'][number]) {
  let calls = 0;
  let kill: (value: undefined) => void = () => undefined;
  const killed = new Promise<undefined>((resolve) => {
    kill = resolve;
  });
  const strike = (): Promise<void> | undefined => {
    if (fate.kind === 'fails') throw new TtlArchiveError('THROTTLED', 'SlowDown');
    kill(undefined);
    return new Promise(() => undefined);
  };
  const fault = (done: boolean) => {
    if (!('call' in fate)) return undefined;
    if (!done) calls++;
    return calls >= fate.call && (fate.done === done || calls > fate.call) ? strike() : undefined;
  };
  const inner = place.storage ?? memoryStorage(place.objects);
  const storage: ObjectStorage = {
    ...inner,
    async create(key, content) {
      await fault(false);
      const creating = inner.create(key, content);
      place.arriving?.push(creating);
      const outcome = await creating;
      await fault(true);
      return outcome;
    },
  };
  return { storage, killed };
}

async function readAll(storage: ObjectStorage) {
  const read = createObjectEntryReader(storage);
  const items: { eventID: string; line: string }[] = [];
  for await (const entry of readManifests(storage)) {
    const content = await read(entry);
    items.push({ eventID: entry.eventID, line: 'text' in content ? content.text : content.problem });
  }
  return items;
}

function sorted(items: readonly { eventID: string; line: string }[]) {
  return items.toSorted((a, b) => (a.eventID < b.eventID ? -1 : 1));
}

function numberOf(sent: MadeRecord['sent']): unknown {
  return (sent['dynamodb'] as { SequenceNumber?: unknown }).SequenceNumber;
}
